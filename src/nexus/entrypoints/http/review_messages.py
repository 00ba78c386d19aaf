"""What is said about reviews, in and out."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from nexus.application.ports.community import REVIEW_KEYS
from nexus.domain.reviews import COMMENT_MAX, LEAST_STARS, MOST_STARS, TITLE_MAX
from nexus.entrypoints.http.identity import Line
from nexus.entrypoints.http.paging import Ordering, PageQuery, page_schema
from nexus.entrypoints.http.schemas import Flag, Moment, Number, Text, Whole

EXAMPLE = {"rating": 5, "title": "A joy", "comment": "My daughter knows all letters now."}
_STARS = validate.Range(LEAST_STARS, MOST_STARS)


class ReviewsQuery(PageQuery):
    rating = Number(validate=_STARS, metadata={"description": "With this number of stars."})
    verified = Flag(metadata={"description": "Of those who bought it, or who did not."})
    hidden = Flag(metadata={"description": "That wait for moderators, as far as one sees them."})
    ordering = Ordering(REVIEW_KEYS)


class AllReviewsQuery(ReviewsQuery):
    product = Text(least=1, most=200, metadata={"description": "Its id or slug."})


class ReviewBody(Schema):
    rating = Whole(required=True, validate=_STARS)
    title = Line(most=TITLE_MAX)
    comment = Text(most=COMMENT_MAX)


class NewReview(ReviewBody):
    product_id = Text(required=True, least=1, most=200, metadata={"description": "Id or slug."})


class ReviewChanges(Schema):
    """What the author says otherwise, or `is_hidden`, which is for moderators."""

    rating = Whole(validate=_STARS)
    title = Line(most=TITLE_MAX)
    comment = Text(most=COMMENT_MAX)
    is_hidden = Flag()

    @validates_schema
    def say_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Say what is to change.")


class ReviewedProduct(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)


class ReviewShown(Schema):
    """`author` is a first name and a letter, or null where nobody is named."""

    id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    product = fields.Nested(ReviewedProduct, required=True)
    rating = fields.Integer(required=True)
    title = fields.String(required=True)
    comment = fields.String(required=True)
    author = fields.String(required=True, allow_none=True, metadata={"example": "Hana G."})
    verified_purchase = fields.Boolean(required=True)
    helpful_count = fields.Integer(required=True)
    is_hidden = fields.Boolean(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


ReviewPage = page_schema(ReviewShown)


class RatingSummaryShown(Schema):
    rating_average = fields.Float(required=True, allow_none=True)
    rating_count = fields.Integer(required=True)
    stars = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"example": {"5": 12, "4": 3, "3": 0, "2": 1, "1": 0}},
    )
