"""What is said about wishes, in and out."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from nexus.domain.wishlists import NAME_MAX, NOTE_MAX
from nexus.entrypoints.http.identity import Line
from nexus.entrypoints.http.paging import PageQuery, page_schema
from nexus.entrypoints.http.schemas import Amount, Moment, Text, Whole

_LIST = {"description": "Which list; the default one otherwise."}


class WhichList(Schema):
    list = fields.UUID(metadata=_LIST)


class WishesQuery(PageQuery):
    list = fields.UUID(metadata=_LIST)


class WishBody(Schema):
    """One of `product_id` (id or slug) and `variant_id`."""

    product_id = Text(least=1, most=200)
    variant_id = fields.UUID()
    note = Line(most=NOTE_MAX, load_default="")

    @validates_schema
    def one_of_two(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("variant_id" in data) == ("product_id" in data):
            raise ValidationError("Give product_id or variant_id.", "product_id")


class MoveBody(Schema):
    quantity = Whole(load_default=1, validate=validate.Range(1))
    variant_id = fields.UUID()


class WishlistBody(Schema):
    name = Line(required=True, least=1, most=NAME_MAX)


class WishedProduct(Schema):
    """The price, and whether it is in stock, are those of the variant, if one is wished for."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    short_description = fields.String(required=True)
    price = Amount(required=True)
    compare_at_price = Amount(required=True, allow_none=True)
    currency = fields.String(required=True, metadata={"example": "ETB"})
    on_sale = fields.Boolean(required=True)
    main_image_url = fields.String(required=True, allow_none=True)
    main_image_thumbnail_url = fields.String(required=True, allow_none=True)
    rating_average = fields.Float(required=True, allow_none=True)
    rating_count = fields.Integer(required=True)
    in_stock = fields.Boolean(required=True)


class WishShown(Schema):
    """`available` is false once it has left the shop; `in_stock` tells what there is of it."""

    id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    product = fields.Nested(WishedProduct, required=True)
    variant_id = fields.UUID(required=True, allow_none=True)
    available = fields.Boolean(required=True)
    note = fields.String(required=True)
    added_at = Moment(required=True)


WishPage = page_schema(WishShown)


class ShareShown(Schema):
    token = fields.String(required=True)
    url = fields.String(required=True)


class WishlistShown(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    is_default = fields.Boolean(required=True)
    item_count = fields.Integer(required=True)
    share = fields.Nested(ShareShown, required=True, allow_none=True)
    created_at = Moment(required=True)


SharedPage = WishPage.from_dict({"name": fields.String(required=True)}, name="SharedPage")
