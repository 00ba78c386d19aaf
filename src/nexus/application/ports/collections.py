"""Collections: how they are kept, and asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from nexus.application.ports.catalog import ListedProduct
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.collections import Collection


class Collections(Protocol):
    """A `key` is an id or a slug, as text; one that names nothing raises CollectionNotFound."""

    def add(self, collection: Collection) -> None: ...
    def save(self, collection: Collection) -> None: ...
    def remove(self, collection: Collection) -> None: ...

    def lock(self, key: str) -> Collection:
        """Return it, kept from other work."""

    def taken_slugs(self, slug: str) -> set[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCollection:
    id: UUID
    name: str
    slug: str
    kind: str
    description: str
    image_url: str | None
    position: int
    is_active: bool
    meta_title: str
    meta_description: str
    rule: Mapping[str, Any] | None
    version: int


class CollectionQueries(Protocol):
    """What shoppers may see; with `hidden`, what staff may see beside it."""

    def collections(self, *, hidden: bool) -> Sequence[ShownCollection]: ...
    def collection(self, key: str, *, hidden: bool) -> ShownCollection: ...

    def products_in(
        self, key: str, ordering: tuple[str, ...], page: PageWanted, *, hidden: bool
    ) -> Page[ListedProduct]:
        """Return a page of what is in it, as it was chosen unless another order is asked for."""
