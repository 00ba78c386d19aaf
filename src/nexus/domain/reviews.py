"""What shoppers say of a product, and how many stars they give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Event, Forbidden, NotFound, new_id

LEAST_STARS, MOST_STARS = 1, 5
TITLE_MAX, COMMENT_MAX = 120, 5000


@dataclass(eq=False)
class ReviewNotFound(NotFound):
    review_id: UUID


class AlreadyReviewed(Conflict):
    """Everybody has one opinion of a product, which they may change."""


class OwnReview(Conflict):
    """Nobody says of their own review that it helped."""


class PurchaseRequired(Forbidden):
    """In this shop only those who bought a product say what they think of it."""


class NotModerator(Forbidden):
    """Staff decide what is hidden, and its author what a review says."""

    code = "forbidden"


@dataclass(frozen=True)
class ReviewCreated(Event):
    name: ClassVar[str] = "review.created"
    review_id: UUID
    product_id: UUID
    rating: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: everybody sees what they wrote themselves, and moderators see all."""

    user_id: UUID | None = None
    moderates: bool = False


@dataclass
class Review(Aggregate):
    """One person's opinion of one product. What is hidden counts for nothing."""

    id: UUID
    product_id: UUID
    author_id: UUID
    rating: int
    title: str
    comment: str
    verified_purchase: bool
    created_at: datetime
    updated_at: datetime
    is_hidden: bool = False

    @classmethod
    def write(
        cls,
        product_id: UUID,
        author_id: UUID,
        *,
        rating: int,
        title: str = "",
        comment: str = "",
        verified_purchase: bool,
        at: datetime,
        is_hidden: bool = False,
    ) -> Review:
        facts = (rating, title, comment, verified_purchase, at, at, is_hidden)
        review = cls(new_id(), product_id, author_id, *facts)
        review.events.append(ReviewCreated(review.id, product_id, rating))
        return review

    def is_shown_to(self, reader: Reader) -> bool:
        return not self.is_hidden or self.is_in_hands_of(reader)

    def is_in_hands_of(self, reader: Reader) -> bool:
        return reader.moderates or reader.user_id == self.author_id

    def is_withheld_by(self, remover: Reader) -> bool:
        """Tell whether moderators had their reasons, which outlive what it said."""
        return self.is_hidden or remover.user_id != self.author_id

    def change(self, changes: Mapping[str, Any], *, by: Reader, at: datetime) -> None:
        """Replace what it says, or hide it; raise NotModerator for what is not theirs to do."""
        if "is_hidden" in changes and not by.moderates:
            raise NotModerator
        if changes.keys() - {"is_hidden"} and by.user_id != self.author_id:
            raise NotModerator
        for name, value in changes.items():
            setattr(self, name, value)
        self.updated_at = at


@dataclass(frozen=True, slots=True)
class Rating:
    """What the reviews of a product come to; without any there is no average."""

    average: float | None
    count: int


def display_name(first_name: str, last_name: str) -> str | None:
    """Return how others see somebody: the first name and one letter more, never an address."""
    first, last = (name.strip() for name in (first_name, last_name))
    if not first or "@" in first:
        return None
    return f"{first} {last[0]}." if last and "@" not in last else first
