"""The basket of whoever calls: a customer's, or a guest's who sends their token."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from nexus.application.carts import (
    AddToCart,
    ApplyCoupon,
    ClaimGuestCart,
    ClearCart,
    CouponNotOnCart,
    RemoveFromCart,
    SetQuantity,
    TakeCouponOff,
    guest,
)
from nexus.application.ports.shopping import CartOwner
from nexus.application.ports.system import Answers, Clock
from nexus.application.pricing import Pricing, ShowCart, ShownCart, ShownLine
from nexus.domain.carts import CartLineNotFound
from nexus.entrypoints.http.access import CUSTOMER, VISITOR, caller_or_none, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.guests import cart_owner, cart_token, keep_token, new_cart_token
from nexus.entrypoints.http.idempotency import idempotent
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


def carts_blueprint(
    *,
    show_cart: ShowCart,
    add_to_cart: AddToCart,
    set_quantity: SetQuantity,
    remove_from_cart: RemoveFromCart,
    clear_cart: ClearCart,
    apply_coupon: ApplyCoupon,
    take_coupon_off: TakeCouponOff,
    claim_guest_cart: ClaimGuestCart,
    pricing: Pricing,
    answers: Answers,
    now: Clock,
) -> Routes:
    blueprint = Routes("cart", __name__, description="The basket of a customer or a guest")

    def answer(token: str | None = None, status: int = 200) -> Response:
        mine = None if caller_or_none() else token or cart_token()
        cart = show_cart(owner=cart_owner(token))
        response = jsonify(CartShown().dump(shown_cart(cart, mine)))
        response.status_code = status
        if token and not caller_or_none():
            keep_token(response, token)
        return response

    @blueprint.get("/cart")
    @blueprint.response(200, CartShown)
    @open_to(VISITOR)
    def get_cart() -> Response:
        """Show the cart, priced as of now; a guest without a token has an empty one."""
        return answer()

    @blueprint.post("/cart/items")
    @blueprint.post("/cart/add")
    @idempotent(answers, now)
    @blueprint.arguments(CartItemBody, example={"product_id": "my-first-fidel", "quantity": 2})
    @blueprint.response(201, CartShown)
    @open_to(VISITOR)
    def add_item(body: dict[str, Any]) -> Response:
        """Put something into the cart; more of the same adds up."""
        token = None if caller_or_none() else cart_token() or new_cart_token()
        add_to_cart(
            owner=guest(token) if token else CartOwner(current_caller().user_id),
            quantity=body["quantity"],
            variant_id=body.get("variant_id"),
            product=body.get("product_id"),
        )
        return answer(token, 201)

    @blueprint.patch("/cart/items/<uuid:item_id>")
    @blueprint.arguments(QuantityBody, example={"quantity": 3})
    @blueprint.response(200, CartShown)
    @open_to(VISITOR)
    def set_item_quantity(body: dict[str, int], item_id: UUID) -> Response:
        """Set how many of an item are wanted; 0 takes it out."""
        if (owner := cart_owner()) is None:
            raise CartLineNotFound(item_id)
        set_quantity(owner=owner, item_id=item_id, quantity=body["quantity"])
        return answer()

    @blueprint.delete("/cart/items/<uuid:item_id>")
    @blueprint.response(200, CartShown)
    @open_to(VISITOR)
    def remove_item(item_id: UUID) -> Response:
        """Take an item out of the cart."""
        if (owner := cart_owner()) is None:
            raise CartLineNotFound(item_id)
        remove_from_cart(owner=owner, item_id=item_id)
        return answer()

    @blueprint.delete("/cart/items")
    @blueprint.delete("/cart/clear")
    @blueprint.response(200, CartShown)
    @open_to(VISITOR)
    def clear() -> Response:
        """Empty the cart, coupons included."""
        if owner := cart_owner():
            clear_cart(owner=owner)
        return answer()

    @blueprint.post("/cart/coupon")
    @blueprint.arguments(CouponBody)
    @blueprint.response(200, CartShown)
    @open_to(VISITOR)
    def put_coupon(body: dict[str, str]) -> Response:
        """Apply a coupon to the cart; a refusal names its reason."""
        apply_coupon(owner=cart_owner() or guest(new_cart_token()), code=body["code"])
        return answer()

    @blueprint.delete("/cart/coupon/<code>")
    @blueprint.response(200, CartShown)
    @open_to(VISITOR)
    def take_coupon(code: str) -> Response:
        """Take a coupon off the cart."""
        if (owner := cart_owner()) is None:
            raise CouponNotOnCart(code)
        take_coupon_off(owner=owner, code=code)
        return answer()

    @blueprint.post("/cart/merge")
    @blueprint.arguments(MergeBody)
    @blueprint.response(200, CartShown)
    @open_to(CUSTOMER)
    def merge(body: dict[str, str]) -> Response:
        """Merge a guest's cart into the caller's; a second time changes nothing."""
        claim_guest_cart(cart_token=body["token"], customer_id=current_caller().user_id)
        return answer()

    @blueprint.get("/cart/shipping-methods")
    @blueprint.response(200, ShippingMethodShown(many=True))
    @open_to(VISITOR)
    def shipping_methods() -> list[dict[str, Any]]:
        """List the ways to ship the cart, with their prices for it."""
        quote = show_cart(owner=cart_owner()).quote
        return [
            {
                "code": method.code,
                "name": method.name,
                "price": method.price_for(quote.subtotal - quote.discount),
                "currency": method.price.currency,
                "estimated_days": method.estimated_days,
            }
            for method in pricing.shipping
        ]

    return blueprint
