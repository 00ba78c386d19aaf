"""Saying what one thinks of a product. Its rating is made anew beside every change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.ports.work import StartWork, Work
from nexus.domain.reviews import (
    OwnReview,
    PurchaseRequired,
    Reader,
    Review,
    ReviewNotFound,
)


@dataclass(frozen=True)
class WriteReview:
    """Keep what somebody says of a product that is on show; where asked, only of what they bought.

    In place of one that moderators hid or removed, it begins hidden and waits for them.
    Raise ProductNotFound, PurchaseRequired, AlreadyReviewed.
    """

    start_work: StartWork
    now: Clock
    only_buyers: bool

    def __call__(
        self, *, author_id: UUID, product: str, rating: int, title: str = "", comment: str = ""
    ) -> UUID:
        with self.start_work() as work:
            product_id = work.products.on_show(product)
            work.reviews.lock_product(product_id)
            standing = work.reviews.standing_of(author_id, product_id)
            if self.only_buyers and not standing.has_bought:
                raise PurchaseRequired
            review = Review.write(
                product_id,
                author_id,
                rating=rating,
                title=title,
                comment=comment,
                verified_purchase=standing.has_bought,
                at=self.now(),
                is_hidden=standing.is_held_back,
            )
            work.reviews.add(review)
            work.reviews.rate(product_id)
            return review.id


@dataclass(frozen=True)
class ChangeReview:
    """Let its author say something else, or moderators hide it and show it again."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, review_id: UUID, changes: Mapping[str, Any], by: Reader) -> None:
        with self.start_work() as work:
            review = in_hands(work, review_id, by)
            review.change(changes, by=by, at=self.now())
            work.reviews.save(review)
            if changes.keys() & {"rating", "is_hidden"}:
                work.reviews.rate(review.product_id)


@dataclass(frozen=True)
class RemoveReview:
    """Take a review away: its author may, and moderators.

    Moderation is not undone by it: what its author says next of the product is held back.
    """

    start_work: StartWork

    def __call__(self, *, review_id: UUID, by: Reader) -> None:
        with self.start_work() as work:
            review = in_hands(work, review_id, by)
            if review.is_withheld_by(by):
                work.reviews.hold_back(review.author_id, review.product_id)
            work.reviews.remove(review)
            work.reviews.rate(review.product_id)


@dataclass(frozen=True)
class VoteHelpful:
    """Say that a review helped; saying it again changes nothing. Raise OwnReview."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, review_id: UUID, by: Reader) -> None:
        with self.start_work() as work:
            voter_id = voter(work, review_id, by)
            work.reviews.vote(review_id, voter_id, at=self.now())


@dataclass(frozen=True)
class TakeVoteBack:
    """Say no more that a review helped."""

    start_work: StartWork

    def __call__(self, *, review_id: UUID, by: Reader) -> None:
        with self.start_work() as work:
            work.reviews.take_vote_back(review_id, voter(work, review_id, by))


@dataclass(frozen=True)
class VerifyPurchases:
    """Follow an order with the marks of its buyer's reviews: who bought, and gave nothing back."""

    start_work: StartWork

    def __call__(self, *, owed: OwedReaction) -> None:
        with self.start_work() as work:
            work.reviews.verify_purchases(UUID(owed.event.data["order_id"]))


def in_hands(work: Work, review_id: UUID, reader: Reader) -> Review:
    """Return a review, locked, that the reader may change; to others there is none."""
    review = work.reviews.lock(review_id)
    if not review.is_in_hands_of(reader):
        raise ReviewNotFound(review_id)
    return review


def voter(work: Work, review_id: UUID, reader: Reader) -> UUID:
    """Return who votes; raise ReviewNotFound where they see none, OwnReview where it is theirs."""
    review = work.reviews.by_id(review_id)
    if reader.user_id is None or not review.is_shown_to(reader):
        raise ReviewNotFound(review_id)
    if reader.user_id == review.author_id:
        raise OwnReview
    return reader.user_id
