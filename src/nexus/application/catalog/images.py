from dataclasses import dataclass
from uuid import UUID

from nexus.application.ports.catalog import ImageStore
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.catalog import ProductImage
from nexus.domain.shared import new_id


@dataclass(frozen=True)
class AttachImage:
    """Show a picture with a product; the first one becomes its main image."""

    start_work: StartWork
    now: Clock
    store: ImageStore

    def __call__(
        self, *, product_id: UUID, content: bytes, alt_text: str, is_main: bool, position: int = 0
    ) -> UUID:
        id_ = new_id()
        # A file that no row names is harmless; a row without its file is not.
        path = self.store.put(f"products/{product_id.hex}/{id_.hex}", content)
        with self.start_work() as work:
            product = work.products.lock(str(product_id))
            image = ProductImage(id_, product_id, path, alt_text, position, is_main)
            work.products.add_image(image)
            product.touch(at=self.now())
            work.products.save(product)
            return id_
