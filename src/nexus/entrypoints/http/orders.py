"""Checking out, and seeing what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, url_for

from nexus.application.checkout import Choice, PlaceOrder
from nexus.application.ports.security import OrderTokens
from nexus.application.ports.shopping import (
    HistoryEntry,
    OrderDetails,
    OrderFilter,
    OrderItem,
    ShoppingQueries,
)
from nexus.application.ports.system import Answers, Clock
from nexus.domain.carts import CartIsEmpty
from nexus.domain.orders import Buyer, OrderNotFound
from nexus.domain.shared import NotFound, invalid
from nexus.domain.slugs import read_id
from nexus.entrypoints.http.access import (
    CUSTOMER,
    VISITOR,
    Caller,
    NotSignedIn,
    caller_or_none,
    current_caller,
    open_to,
)
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.guests import cart_owner, order_token
from nexus.entrypoints.http.idempotency import done_before, idempotent
from nexus.entrypoints.http.order_messages import (
    CHECKOUT_EXAMPLE,
    CheckoutBody,
    HistoryShown,
    OrderItemShown,
    OrderShown,
    OrdersQuery,
    PlacedOrder,
)
from nexus.entrypoints.http.paging import (
    Envelope,
    envelope,
    page_schema,
    page_wanted,
)

READ_ALL = "orders.write"


@dataclass(eq=False)
class OrderGone(NotFound):
    """No such order, or somebody else's."""

    order: str


def _choice(body: dict[str, Any]) -> Choice:
    return Choice(
        shipping_address=body.get("shipping_address_id") or body["shipping_address"],
        billing_address=body.get("billing_address_id") or body.get("billing_address"),
        shipping_method=body.get("shipping_method"),
        coupon_code=body.get("coupon_code"),
        quote=body.get("quote"),
        notes=body["notes"],
    )


def _buyer(caller: Caller | None, email: str | None) -> Buyer:
    """Return who buys: an account, or a guest who must leave an address to be reached at."""
    if caller:
        return Buyer(email or caller.email, caller.user_id, caller.locale, caller.is_verified)
    if not email:
        raise invalid("email", "A guest must give an e-mail address.")
    return Buyer(email)


def orders_blueprint(
    *,
    place_order: PlaceOrder,
    queries: ShoppingQueries,
    order_tokens: OrderTokens,
    answers: Answers,
    now: Clock,
) -> Routes:
    blueprint = Routes("orders", __name__, description="Checkout and orders")

    def found(ref: str) -> OrderDetails:
        """Return the order if the caller may see it: theirs, any for staff, or by its token."""
        caller, token = caller_or_none(), order_token()
        if caller is None and not token:
            raise NotSignedIn
        owner = caller.user_id if caller and not caller.may(READ_ALL) else None
        order = queries.order(read_id(ref) or ref, customer_id=None if token else owner)
        if order is None:
            raise OrderGone(ref)
        mine = caller and (caller.may(READ_ALL) or order.customer_id == caller.user_id)
        if not mine and not (token and order_tokens.opens(order.id, token)):
            raise OrderGone(ref)
        return order

    @blueprint.post("/orders")
    @blueprint.post("/orders/create")
    @idempotent(answers, now)
    @blueprint.arguments(CheckoutBody, example=CHECKOUT_EXAMPLE)
    @blueprint.response(201, PlacedOrder)
    @open_to(VISITOR)
    def checkout(body: dict[str, Any]) -> tuple[Response, int]:
        """Place an order from the cart; its stock is held until `expires_at`."""
        if (owner := cart_owner()) is None:
            raise CartIsEmpty
        caller = caller_or_none()
        order_id = done_before() or place_order(
            owner=owner, buyer=_buyer(caller, body.get("email")), choice=_choice(body)
        )
        order = queries.order(order_id)
        if order is None:
            raise OrderNotFound(order_id)
        shown = PlacedOrder().dump(order)
        if caller is None:
            shown["order_token"] = order_tokens.for_order(order_id)
        response = jsonify(shown)
        response.headers["Location"] = url_for("orders.get_order", ref=str(order_id))
        return response, 201

    @blueprint.get("/orders")
    @blueprint.arguments(OrdersQuery, location="query")
    @blueprint.response(200, page_schema(OrderShown))
    @open_to(CUSTOMER)
    def list_orders(query: dict[str, Any]) -> Envelope:
        """List one's own orders, newest first; staff see everybody's."""
        caller, wanted = current_caller(), page_wanted(query)
        user = query.pop("user", None)
        owner = user if caller.may(READ_ALL) else caller.user_id
        return envelope(queries.orders(wanted, OrderFilter(customer_id=owner, **query)), wanted)

    @blueprint.get("/orders/<ref>")
    @blueprint.response(200, OrderShown)
    @open_to(VISITOR)
    def get_order(ref: str) -> OrderDetails:
        """Show an order by its id or number."""
        return found(ref)

    @blueprint.get("/orders/<ref>/items")
    @blueprint.response(200, OrderItemShown(many=True))
    @open_to(VISITOR)
    def items(ref: str) -> list[OrderItem]:
        """List what was ordered."""
        return list(found(ref).items)

    @blueprint.get("/orders/<ref>/history")
    @blueprint.response(200, HistoryShown(many=True))
    @open_to(VISITOR)
    def history(ref: str) -> Sequence[HistoryEntry]:
        """Tell what happened to the order, oldest first."""
        return queries.history(found(ref).id)

    return blueprint
