"""What is answered, in the fields of Nexus."""

from typing import Any

from marshmallow import Schema, fields


class Price(fields.Field[int]):
    def _serialize(self, value: int | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else f"{value / 100:.2f}"


class NamedCategory(Schema):
    id = fields.UUID()
    name = fields.String()
    slug = fields.String()


class ShownCategory(NamedCategory):
    description = fields.String()
    parent_id = fields.UUID(allow_none=True)
    image_url = fields.String(allow_none=True)
    position = fields.Integer()
    is_active = fields.Boolean()
    product_count = fields.Integer()
    meta_title = fields.String()
    meta_description = fields.String()


class ShownVariant(Schema):
    id = fields.UUID()
    sku = fields.String()
    name = fields.String()
    price = Price(attribute="price_minor")
    options = fields.Dict()
    attributes = fields.Dict()
    stock = fields.Integer()
    available = fields.Integer()
    is_active = fields.Boolean()


class ShownImage(Schema):
    id = fields.UUID()
    url = fields.String(attribute="path")
    alt_text = fields.String()
    position = fields.Integer()
    is_main = fields.Boolean()


class ListedProduct(Schema):
    id = fields.UUID()
    name = fields.String()
    slug = fields.String()
    sku = fields.String()
    short_description = fields.String()
    price = Price(attribute="price_minor")
    compare_at_price = Price(attribute="compare_at_minor")
    currency = fields.String()
    status = fields.String()
    is_active = fields.Boolean()
    is_featured = fields.Boolean()
    category = fields.Nested(NamedCategory)
    main_image_url = fields.String()
    rating_average = fields.Float()
    rating_count = fields.Integer()
    in_stock = fields.Boolean()
    stock = fields.Integer()
    created_at = fields.DateTime()


class ShownProduct(ListedProduct):
    description = fields.String()
    categories = fields.List(fields.Nested(NamedCategory))
    attributes = fields.Dict()
    images = fields.List(fields.Nested(ShownImage))
    options = fields.List(fields.Dict())
    variants = fields.List(fields.Nested(ShownVariant))
    is_digital = fields.Boolean()
    weight_grams = fields.Integer()
    dimensions = fields.Dict()
    tags = fields.List(fields.String())
    brand = fields.String()
    meta_title = fields.String()
    meta_description = fields.String()
    updated_at = fields.DateTime()
