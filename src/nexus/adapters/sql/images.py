from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nexus.adapters.sql.catalog_tables import product_images, variants
from nexus.adapters.sql.repository import SqlRepository
from nexus.domain.images import Gallery, ImageNotFound, ProductImage

_FACTS = ("id", "product_id", "path", "alt_text", "position", "is_main", "variant_id", "source")
_COLUMNS = [product_images.c[name] for name in _FACTS]
_CHANGING = ("alt_text", "position", "is_main", "variant_id")


class SqlImages(SqlRepository):
    def of(self, product_id: UUID) -> Gallery:
        mine = select(*_COLUMNS).where(product_images.c.product_id == product_id)
        rows = self._db.execute(mine.order_by(product_images.c.position, product_images.c.id))
        return Gallery(product_id, [ProductImage(*row) for row in rows])

    def save(self, gallery: Gallery) -> None:
        mine = product_images.c.product_id == gallery.id
        kept = [it.id for it in gallery.images]
        self._db.execute(delete(product_images).where(mine, product_images.c.id.not_in(kept)))
        if kept:
            self._write(gallery)
        self._gather(gallery)

    def _write(self, gallery: Gallery) -> None:
        mine = product_images.c.product_id == gallery.id
        main = [it.id for it in gallery.images if it.is_main]
        others = mine & product_images.c.is_main & product_images.c.id.not_in(main)
        # The index that allows one main image looks at each row as soon as it is written.
        self._db.execute(update(product_images).where(others).values(is_main=False))
        rows = [{name: getattr(it, name) for name in _FACTS} for it in gallery.images]
        query = upsert(product_images).values(rows)
        changed = {name: query.excluded[name] for name in _CHANGING}
        self._db.execute(
            query.on_conflict_do_update(constraint=product_images.primary_key, set_=changed)
        )

    def product_of(self, image_id: UUID) -> UUID:
        query = select(product_images.c.product_id).where(product_images.c.id == image_id)
        found: UUID | None = self._db.execute(query).scalar()
        if found is None:
            raise ImageNotFound(image_id)
        return found

    def sources_of(self, product_ids: Collection[UUID]) -> dict[UUID, set[str]]:
        it = product_images.c
        query = select(it.product_id, it.path, it.source).where(it.product_id.in_(product_ids))
        found: dict[UUID, set[str]] = defaultdict(set)
        for product_id, path, source in self._db.execute(query):
            found[product_id] |= {path, source or path}
        return found

    def named(self, paths: Collection[str]) -> set[str]:
        it = product_images.c.path
        return set(self._db.scalars(select(it).where(it.in_(paths))))

    def is_variant_of(self, variant_id: UUID, product_id: UUID) -> bool:
        both = (variants.c.id == variant_id) & (variants.c.product_id == product_id)
        return bool(self._db.execute(select(select(variants.c.id).where(both).exists())).scalar())
