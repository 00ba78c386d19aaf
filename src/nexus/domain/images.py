"""The pictures that products are shown with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, AlreadyExists, Conflict, Event, NotFound, invalid

MOST_IMAGES = 50
LAST_POSITION = 1_000_000
_IN_ORDER = attrgetter("position", "id")


@dataclass(eq=False)
class ImageNotFound(NotFound):
    image_id: UUID


@dataclass(eq=False)
class TooManyImages(Conflict):
    most: int

    @property
    def detail(self) -> str:
        return f"A product is shown with at most {self.most} images."


@dataclass(frozen=True)
class PicturesDropped(Event):
    """Nothing shows these files any more."""

    name: ClassVar[str] = "internal.pictures_dropped"
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductImage:
    """`path` says where in the image store the picture lies, `source` where it was taken from."""

    id: UUID
    product_id: UUID
    path: str
    alt_text: str = ""
    position: int = 0
    is_main: bool = False
    variant_id: UUID | None = None
    source: str | None = None


@dataclass
class Gallery(Aggregate):
    """The images of one product, whose id it goes by, in order; no two stand at one position.

    As long as there are any, one of them is the main one.
    """

    id: UUID
    images: list[ProductImage] = field(default_factory=list)

    def require_room(self) -> None:
        if len(self.images) >= MOST_IMAGES:
            raise TooManyImages(MOST_IMAGES)

    def add(self, image: ProductImage, *, at_end: bool = False) -> None:
        """Put it with the others. The first is the main one, and so is any that says so."""
        self.require_room()
        if image.source and any(it.source == image.source for it in self.images):
            raise AlreadyExists("source")
        if at_end and self.images:
            image = replace(image, position=self.images[-1].position + 1)
        self._put(replace(image, is_main=image.is_main or not self.images), self.images)

    def change(self, image_id: UUID, changes: Mapping[str, Any]) -> None:
        image = self._one(image_id)
        if image.is_main and changes.get("is_main") is False:
            raise invalid("is_main", "Make another one the main image instead.")
        self._put(replace(image, **changes), [it for it in self.images if it is not image])

    def remove(self, image_id: UUID) -> None:
        """Drop it; when it was the main one, the first of the others takes its place."""
        gone = self._one(image_id)
        self.images.remove(gone)
        if gone.is_main and self.images:
            self.images[0] = replace(self.images[0], is_main=True)
        self.events.append(PicturesDropped((gone.path,)))

    def clear(self) -> None:
        if self.images:
            self.events.append(PicturesDropped(tuple(it.path for it in self.images)))
        self.images = []

    def _one(self, image_id: UUID) -> ProductImage:
        for image in self.images:
            if image.id == image_id:
                return image
        raise ImageNotFound(image_id)

    def _put(self, image: ProductImage, others: list[ProductImage]) -> None:
        if image.is_main:
            others = [replace(it, is_main=False) for it in others]
        self.images = sorted([*_moved_along(others, image.position), image], key=_IN_ORDER)


def _moved_along(images: Iterable[ProductImage], position: int) -> Iterator[ProductImage]:
    """Free the position: who stands there moves one along, and who is in the way of that."""
    taken = position
    for image in images:
        if position <= image.position <= taken:
            taken += 1
            yield replace(image, position=taken)
        else:
            yield image
