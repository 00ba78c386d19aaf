"""What somebody would like to have some day, and may show to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nexus.domain.shared import (
    Aggregate,
    Conflict,
    NotFound,
    ValidationFailed,
    invalid,
    new_id,
)

DEFAULT_NAME = "Wishlist"
NAME_MAX, NOTE_MAX = 80, 300
MOST_LISTS, MOST_WISHES = 20, 500


@dataclass(eq=False)
class WishlistNotFound(NotFound):
    """No such list, or somebody else's, or one that is not shared any more."""


@dataclass(eq=False)
class WishNotFound(NotFound):
    item_id: UUID


class DefaultWishlist(Conflict):
    """The list that wishes go to unless another is named cannot be removed."""


@dataclass
class Wishlist(Aggregate):
    """A list of one person's; whoever is given the word made of its share key may read it."""

    id: UUID
    customer_id: UUID
    name: str
    created_at: datetime
    is_default: bool = False
    share_key: UUID | None = field(default=None, repr=False)

    @classmethod
    def begin(cls, customer_id: UUID, name: str, *, at: datetime) -> Wishlist:
        return cls(new_id(), customer_id, name, at)

    @classmethod
    def first(cls, customer_id: UUID, *, at: datetime) -> Wishlist:
        return cls(new_id(), customer_id, DEFAULT_NAME, at, is_default=True)

    def share(self, key: UUID) -> None:
        """Show it to whoever is given the word; shared already, it keeps the one it has."""
        self.share_key = self.share_key or key

    def keep_private(self) -> None:
        """Make every word that was given away worth nothing."""
        self.share_key = None

    def require_removable(self) -> None:
        if self.is_default:
            raise DefaultWishlist


@dataclass(frozen=True, slots=True)
class Wish:
    """A product on a list, or one variant of it."""

    id: UUID
    wishlist_id: UUID
    product_id: UUID
    variant_id: UUID | None
    note: str
    added_at: datetime


def too_many_lists() -> ValidationFailed:
    return invalid("name", f"You may have at most {MOST_LISTS} lists.")


def too_many_wishes() -> ValidationFailed:
    return invalid("product_id", f"A list holds at most {MOST_WISHES} items.")
