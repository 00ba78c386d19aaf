"""The basket of whoever calls: a customer's, or a guest's who sends their token."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

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
from nexus.application.pricing import Pricing, ShowCart
from nexus.domain.carts import CartLineNotFound
from nexus.entrypoints.http.access import CUSTOMER, VISITOR, caller_or_none, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.cart_messages import (
    CartItemBody,
    CartShown,
    CouponBody,
    MergeBody,
    QuantityBody,
    ShippingMethodShown,
    ShippingQuery,
    shown_cart,
)
from nexus.entrypoints.http.guests import cart_owner, cart_token, keep_token, new_cart_token
from nexus.entrypoints.http.idempotency import done_before, idempotent


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
        if not done_before():
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
    @blueprint.arguments(ShippingQuery, location="query")
    @blueprint.response(200, ShippingMethodShown(many=True))
    @open_to(VISITOR)
    def shipping_methods(query: dict[str, UUID]) -> list[dict[str, Any]]:
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
