from collections.abc import Sequence
from uuid import UUID

from nexus.adapters.sql.queries.product_filters import keyed, visible
from nexus.adapters.sql.queries.product_rows import IMAGE, document
from nexus.adapters.sql.queries.reading import IllustratedQueries
from nexus.application.ports.images import ShownImage
from nexus.domain.catalog import ProductNotFound
from nexus.domain.images import ImageNotFound

# A product without images gives a row without an id.
_IMAGES = f"""
    SELECT i.id, p.version, {document(IMAGE)}::text
    FROM products p LEFT JOIN product_images i ON i.product_id = p.id"""


class SqlImageQueries(IllustratedQueries):
    def images_of(self, product: str, *, hidden: bool) -> Sequence[ShownImage]:
        mine = f"{_IMAGES} WHERE {keyed('p', product)} AND {visible(hidden=hidden)}"
        rows = self._told(f"{mine} ORDER BY i.position, i.id", key=product)
        if not rows:
            raise ProductNotFound(product)
        return [ShownImage(*row) for row in rows if row[0]]

    def image(self, image_id: UUID, *, hidden: bool) -> ShownImage:
        one = f"{_IMAGES} WHERE i.id = %(id)s AND {visible(hidden=hidden)}"
        for row in self._told(one, id=image_id):
            return ShownImage(*row)
        raise ImageNotFound(image_id)
