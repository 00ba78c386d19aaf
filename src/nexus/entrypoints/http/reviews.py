from typing import Any
from uuid import UUID

from flask import Response

from nexus.application.ports.community import ReviewFilter, ReviewQueries
from nexus.application.reviews import (
    ChangeReview,
    RemoveReview,
    TakeVoteBack,
    VoteHelpful,
    WriteReview,
)
from nexus.domain.reviews import Reader
from nexus.entrypoints.http.access import (
    CUSTOMER,
    VISITOR,
    caller_or_none,
    current_caller,
    open_to,
)
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.etags import created, tagged
from nexus.entrypoints.http.paging import envelope, page_wanted
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.review_messages import (
    EXAMPLE,
    AllReviewsQuery,
    NewReview,
    RatingSummaryShown,
    ReviewBody,
    ReviewChanges,
    ReviewPage,
    ReviewShown,
    ReviewsQuery,
)

MODERATE = "reviews.moderate"


def reader() -> Reader:
    """Return who looks at reviews."""
    caller = caller_or_none()
    return Reader(caller.user_id, caller.may(MODERATE)) if caller else Reader()


def reviews_blueprint(
    *,
    write_review: WriteReview,
    change_review: ChangeReview,
    remove_review: RemoveReview,
    vote_helpful: VoteHelpful,
    take_vote_back: TakeVoteBack,
    queries: ReviewQueries,
) -> Routes:
    blueprint = Routes("reviews", __name__, description="What shoppers say of products")

    def write(product: str, body: dict[str, Any]) -> Response:
        id_ = write_review(author_id=current_caller().user_id, product=product, **body)
        return created(queries.review(id_, reader()), f"{API}/reviews")

    @blueprint.get("/reviews")
    @blueprint.arguments(AllReviewsQuery, location="query")
    @blueprint.response(200, ReviewPage)
    @open_to(VISITOR)
    def list_reviews(query: dict[str, Any]) -> Response:
        """List reviews of what is for sale, the latest first.

        One that is hidden is seen by its author and by moderators alone.
        """
        page = page_wanted(query)
        return tagged(envelope(queries.reviews(page, ReviewFilter(**query), reader()), page))

    @blueprint.post("/reviews")
    @blueprint.arguments(NewReview, example={"product_id": "my-first-fidel"} | EXAMPLE)
    @blueprint.response(201, ReviewShown)
    @open_to(CUSTOMER)
    def add_review(body: dict[str, Any]) -> Response:
        """Say what one thinks of a product, once: `already_reviewed` otherwise.

        `verified_purchase` follows the caller's orders: it holds while one of the product is
        confirmed or further. Where only buyers may speak, others are refused:
        `purchase_required`. In place of one that moderators hid or removed it begins hidden,
        until they show it.
        """
        return write(body.pop("product_id"), body)

    @blueprint.get("/products/<product>/reviews")
    @blueprint.arguments(ReviewsQuery, location="query")
    @blueprint.response(200, ReviewPage)
    @open_to(VISITOR)
    def list_product_reviews(query: dict[str, Any], product: str) -> Response:
        """List the reviews of a product, the latest first."""
        page = page_wanted(query)
        found = queries.reviews_of(product, page, ReviewFilter(**query), reader())
        return tagged(envelope(found, page))

    @blueprint.post("/products/<product>/reviews")
    @blueprint.arguments(ReviewBody, example=EXAMPLE)
    @blueprint.response(201, ReviewShown)
    @open_to(CUSTOMER)
    def add_product_review(body: dict[str, Any], product: str) -> Response:
        """Say what one thinks of this product."""
        return write(product, body)

    @blueprint.get("/products/<product>/reviews/summary")
    @blueprint.response(200, RatingSummaryShown)
    @open_to(VISITOR)
    def summarise(product: str) -> Response:
        """Show how many reviews give each number of stars."""
        return tagged(queries.summary(product))

    @blueprint.get("/reviews/<uuid:review_id>")
    @blueprint.response(200, ReviewShown)
    @open_to(VISITOR)
    def show_review(review_id: UUID) -> Response:
        """Show one review."""
        return tagged(queries.review(review_id, reader()))

    @blueprint.patch("/reviews/<uuid:review_id>")
    @blueprint.arguments(ReviewChanges, example={"rating": 4, "comment": "Still good."})
    @blueprint.response(200, ReviewShown)
    @open_to(CUSTOMER)
    def patch_review(body: dict[str, Any], review_id: UUID) -> Response:
        """Change one's review; staff with `reviews.moderate` hide and show anybody's."""
        change_review(review_id=review_id, changes=body, by=reader())
        return tagged(queries.review(review_id, reader()))

    @blueprint.put("/reviews/<uuid:review_id>/helpful")
    @blueprint.response(200, ReviewShown)
    @open_to(CUSTOMER)
    def vote(review_id: UUID) -> Response:
        """Say that somebody else's review helped; again changes nothing."""
        vote_helpful(review_id=review_id, by=reader())
        return tagged(queries.review(review_id, reader()))

    @blueprint.delete("/reviews/<uuid:review_id>/helpful")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def take_back(review_id: UUID) -> None:
        """Say no more that a review helped."""
        take_vote_back(review_id=review_id, by=reader())

    @blueprint.delete("/reviews/<uuid:review_id>")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def delete_review(review_id: UUID) -> None:
        """Take one's review away; staff with `reviews.moderate` anybody's.

        What its author says next of the product begins hidden, if it was hidden or staff took it.
        """
        remove_review(review_id=review_id, by=reader())

    return blueprint
