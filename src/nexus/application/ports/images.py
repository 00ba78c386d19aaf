"""Pictures: where they lie, and which of them a product is shown with."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.domain.images import Gallery
from nexus.domain.shared import Unavailable

_PICTURE, _THUMBNAIL = ".webp", "-small.webp"


def thumbnail_of(path: str) -> str:
    """Return where the small form of a picture lies."""
    return path.removesuffix(_PICTURE) + _THUMBNAIL


def picture_of(path: str) -> str:
    """Return the path of the picture that a file belongs to: itself, or what it is the small of."""
    whole = path.removesuffix(_THUMBNAIL)
    return path if whole == path else whole + _PICTURE


class StoreUnavailable(Unavailable):
    """The pictures' store did not answer, or refused."""

    code = "service_unavailable"


class ImageStore(Protocol):
    """Files that anybody may see. Each method may raise StoreUnavailable."""

    def put(self, name: str, content: bytes) -> str:
        """Keep a picture, made anew from its pixels, and its thumbnail; return the path.

        Raise ValidationFailed for what is no picture. A name is never used twice.
        """

    def remove(self, path: str) -> None:
        """Forget a picture and its thumbnail; one that is not there is forgotten already."""

    def kept(self, folder: str, *, before: datetime) -> Iterator[str]:
        """Give the paths of what was put below a folder before then, some of them twice.

        What is left of a picture that was put or removed in part is among them.
        """


class Images(Protocol):
    """Whoever writes to a gallery has locked its product."""

    def of(self, product_id: UUID) -> Gallery: ...
    def save(self, gallery: Gallery) -> None: ...

    def product_of(self, image_id: UUID) -> UUID:
        """Return the id of the product that it shows; raise ImageNotFound."""

    def sources_of(self, product_ids: Collection[UUID]) -> dict[UUID, set[str]]:
        """Return the paths of the products' pictures, and where they were taken from."""

    def named(self, paths: Collection[str]) -> set[str]:
        """Return those of the paths that some product is shown with."""

    def is_variant_of(self, variant_id: UUID, product_id: UUID) -> bool: ...


@dataclass(frozen=True, slots=True)
class ShownImage:
    """`document` is the JSON that the contract promises, ready to be sent.

    `version` is the product's, so that `If-Match` looks at all that is shown with it.
    """

    id: UUID
    version: int
    document: str


class ImageQueries(Protocol):
    """What shoppers may see; with `hidden`, what staff may see beside it."""

    def images_of(self, product: str, *, hidden: bool) -> Sequence[ShownImage]:
        """Return them in order; raise ProductNotFound."""

    def image(self, image_id: UUID, *, hidden: bool) -> ShownImage:
        """Raise ImageNotFound."""
