"""What products are shown with."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from nexus.application.ports.images import ImageStore, StoreUnavailable
from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.ports.work import StartWork, Work
from nexus.application.preconditions import require_version
from nexus.domain.catalog import Product
from nexus.domain.images import Gallery, ProductImage
from nexus.domain.shared import Conflict, Invalid, NotFound, invalid, new_id

FOLDER = "products"
# An upload names its file within the same request, so that no such file is still to be named.
UNNAMED_FOR = timedelta(days=1)
BATCH = 500
# A shop that was started with the wrong database is to be noticed before it has lost its pictures.
MOST_SWEPT = 1000


@dataclass(frozen=True)
class AttachImage:
    """Show a picture with a product, behind the others unless it has a position.

    The first one becomes the main image. From one source comes one picture: AlreadyExists.
    """

    start_work: StartWork
    now: Clock
    store: ImageStore

    def __call__(
        self,
        *,
        product: str,
        content: bytes,
        alt_text: str = "",
        is_main: bool = False,
        position: int | None = None,
        variant_id: UUID | None = None,
        source: str | None = None,
    ) -> UUID:
        id_ = new_id()
        shown = self._with_room(product)
        # A file that no row names is swept up one day; a row without its file would be a fault.
        path = self.store.put(f"{FOLDER}/{shown.hex}/{id_.hex}", content)
        order = position or 0
        image = ProductImage(id_, shown, path, alt_text, order, is_main, variant_id, source)
        try:
            self._attach(image, at_end=position is None)
        except (Conflict, Invalid, NotFound):
            with suppress(StoreUnavailable):
                self.store.remove(path)
            raise
        return id_

    def _with_room(self, product: str) -> UUID:
        """Refuse at once what would be refused in the end, before the picture costs anything."""
        with self.start_work() as work:
            found = work.products.lock(product)
            work.images.of(found.id).require_room()
            return found.id

    def _attach(self, image: ProductImage, *, at_end: bool) -> None:
        with self.start_work() as work:
            product = work.products.lock(str(image.product_id))
            gallery = work.images.of(product.id)
            _require_variant(work, product, image.variant_id)
            gallery.add(image, at_end=at_end)
            _save(work, product, gallery, self.now)


@dataclass(frozen=True)
class ChangeImage:
    """Change what is named of an image; another main one takes over from the one before."""

    start_work: StartWork
    now: Clock

    def __call__(
        self, *, image_id: UUID, changes: Mapping[str, Any], expected: Collection[int] | None
    ) -> None:
        with self.start_work() as work:
            product, gallery = _shown_with(work, image_id)
            require_version(product, expected)
            _require_variant(work, product, changes.get("variant_id"))
            gallery.change(image_id, changes)
            _save(work, product, gallery, self.now)


@dataclass(frozen=True)
class RemoveImage:
    """Take an image away; when it was the main one, the first of the others is."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, image_id: UUID, expected: Collection[int] | None) -> None:
        with self.start_work() as work:
            product, gallery = _shown_with(work, image_id)
            require_version(product, expected)
            gallery.remove(image_id)
            _save(work, product, gallery, self.now)


@dataclass(frozen=True)
class RemovePictures:
    """Remove the files that nothing shows any more."""

    store: ImageStore

    def __call__(self, *, owed: OwedReaction) -> None:
        for path in owed.event.data["paths"]:
            self.store.remove(path)


@dataclass(frozen=True)
class SweepPictures:
    """Remove the files that no product is shown with: what is left of uploads that died.

    It looks at what was put before yesterday, in the folder of products alone.
    """

    start_work: StartWork
    now: Clock
    store: ImageStore

    def __call__(self) -> int:
        """Return how many pictures there were; what is more than a thousand waits for next time."""
        swept = 0
        for path in islice(self._unnamed(), MOST_SWEPT):
            self.store.remove(path)
            swept += 1
        return swept

    def _unnamed(self) -> Iterator[str]:
        kept = self.store.kept(FOLDER, before=self.now() - UNNAMED_FOR)
        while paths := set(islice(kept, BATCH)):
            with self.start_work() as work:
                named = work.images.named(paths)
            yield from paths - named


def _shown_with(work: Work, image_id: UUID) -> tuple[Product, Gallery]:
    product = work.products.lock(str(work.images.product_of(image_id)))
    return product, work.images.of(product.id)


def _require_variant(work: Work, product: Product, variant_id: UUID | None) -> None:
    if variant_id and not work.images.is_variant_of(variant_id, product.id):
        raise invalid("variant_id", "The product has no such variant.")


def _save(work: Work, product: Product, gallery: Gallery, now: Clock) -> None:
    work.images.save(gallery)
    product.touch(at=now())
    work.products.save(product)
