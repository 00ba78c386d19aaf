"""What is said about carts, in and out."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from nexus.application.pricing import ShownCart, ShownLine
from nexus.entrypoints.http.schemas import Amount, Moment, Text, Whole


class CartItemBody(Schema):
    """One of `variant_id` and `product_id`; a product with one variant stands for it."""

    variant_id = fields.UUID()
    product_id = Text(least=1, most=200)
    quantity = Whole(load_default=1, validate=validate.Range(1))

    @validates_schema
    def one_of_two(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("variant_id" in data) == ("product_id" in data):
            raise ValidationError("Give variant_id or product_id.", "variant_id")


class QuantityBody(Schema):
    quantity = Whole(required=True, validate=validate.Range(0))


class CouponBody(Schema):
    code = Text(required=True, least=1, most=40, metadata={"example": "WELCOME10"})


class MergeBody(Schema):
    token = Text(required=True, least=1, most=128)


class CartProduct(Schema):
    id = fields.UUID()
    name = fields.String()
    slug = fields.String()
    main_image_url = fields.String(allow_none=True)


class CartItem(Schema):
    id = fields.UUID(required=True)
    variant_id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    product = fields.Nested(CartProduct, required=True)
    sku = fields.String(required=True)
    options = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    quantity = fields.Integer(required=True)
    unit_price = Amount(required=True)
    price_changed = fields.Boolean(required=True)
    subtotal = Amount(required=True)
    available = fields.Integer(required=True)


class AppliedCoupon(Schema):
    code = fields.String(required=True)
    discount_amount = Amount(required=True)


class CartWarningShown(Schema):
    code = fields.String(required=True)
    item_id = fields.UUID(allow_none=True)
    detail = fields.String(required=True)


class CartShown(Schema):
    id = fields.UUID(allow_none=True)
    token = fields.String(allow_none=True)
    currency = fields.String(required=True)
    items = fields.List(fields.Nested(CartItem), required=True)
    total_items = fields.Integer(required=True)
    subtotal = Amount(required=True)
    discount_amount = Amount(required=True)
    shipping_amount = Amount(required=True)
    tax_amount = Amount(required=True)
    total = Amount(required=True)
    coupons = fields.List(fields.Nested(AppliedCoupon), required=True)
    warnings = fields.List(fields.Nested(CartWarningShown), required=True)
    quote = fields.String(allow_none=True)
    updated_at = Moment(allow_none=True)


class ShippingQuery(Schema):
    """Where to: so far every method goes everywhere, at one price."""

    address_id = fields.UUID(metadata={"description": "The id of one of one's addresses."})


class ShippingMethodShown(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    price = Amount(required=True)
    currency = fields.String(required=True)
    estimated_days = fields.Integer(required=True)


def shown_cart(cart: ShownCart, token: str | None) -> dict[str, Any]:
    quote = cart.quote
    return {
        "id": cart.id,
        "token": token,
        "currency": quote.total.currency,
        "items": [_shown_line(it) for it in cart.lines],
        "total_items": sum(it.line.quantity for it in cart.lines),
        "subtotal": quote.subtotal,
        "discount_amount": quote.discount,
        "shipping_amount": quote.shipping,
        "tax_amount": quote.tax,
        "total": quote.total,
        "coupons": [{"code": it.code, "discount_amount": it.amount} for it in quote.discounts],
        "warnings": cart.warnings,
        "quote": cart.sealed_quote,
        "updated_at": cart.updated_at,
    }


def _shown_line(shown: ShownLine) -> dict[str, Any]:
    line = shown.line
    return {
        "id": line.id,
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "product": {
            "id": line.product_id,
            "name": line.product_name,
            "slug": line.product_slug,
            "main_image_url": line.main_image_url,
        },
        "sku": line.sku,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "price_changed": shown.price_changed,
        "subtotal": shown.subtotal,
        "available": line.available,
    }
