"""What products are shown as."""

from marshmallow import Schema, fields, validate

from nexus.domain.catalog import ProductStatus
from nexus.entrypoints.http.catalog_fields import (
    OptionBody,
    ShownTerms,
    ShownVariant,
)
from nexus.entrypoints.http.schemas import Amount, Moment


class NamedCategory(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)


class ListedProduct(Schema):
    """A product as lists show it; its `sku` is its first variant's, its `stock` that of all."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    sku = fields.String(required=True)
    short_description = fields.String(required=True)
    price = Amount(required=True)
    compare_at_price = Amount(required=True, allow_none=True)
    lowest_price_30_days = Amount(
        required=True,
        allow_none=True,
        metadata={"description": "On a sale: what it cost least in the 30 days before."},
    )
    currency = fields.String(required=True, metadata={"example": "ETB"})
    on_sale = fields.Boolean(required=True)
    status = fields.String(required=True, validate=validate.OneOf(list(ProductStatus)))
    is_active = fields.Boolean(required=True)
    is_featured = fields.Boolean(required=True)
    category = fields.Nested(NamedCategory, required=True, allow_none=True)
    main_image_url = fields.String(required=True, allow_none=True)
    main_image_thumbnail_url = fields.String(required=True, allow_none=True)
    rating_average = fields.Float(required=True, allow_none=True)
    rating_count = fields.Integer(required=True)
    in_stock = fields.Boolean(required=True)
    stock = fields.Integer(required=True)
    created_at = Moment(required=True)


class ShownImage(Schema):
    id = fields.UUID(required=True)
    url = fields.String(required=True)
    thumbnail_url = fields.String(required=True)
    alt_text = fields.String(required=True)
    position = fields.Integer(required=True)
    is_main = fields.Boolean(required=True)
    variant_id = fields.UUID(required=True, allow_none=True)


class ShownProduct(ShownTerms, ListedProduct):
    """A product with all that its page shows."""

    description = fields.String(required=True)
    categories = fields.List(fields.Nested(NamedCategory), required=True)
    attributes = fields.Dict(required=True)
    images = fields.List(fields.Nested(ShownImage), required=True)
    options = fields.List(fields.Nested(OptionBody), required=True)
    variants = fields.List(fields.Nested(ShownVariant), required=True)
    is_digital = fields.Boolean(required=True)
    weight_grams = fields.Integer(required=True, allow_none=True)
    dimensions = fields.Dict(required=True)
    tags = fields.List(fields.String(), required=True)
    brand = fields.String(required=True)
    meta_title = fields.String(required=True)
    meta_description = fields.String(required=True)
    updated_at = Moment(required=True)
