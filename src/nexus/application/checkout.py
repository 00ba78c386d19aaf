"""From a cart to an order: once, at the price of now, with the stock held for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nexus.application.carts import as_line
from nexus.application.ports.catalog import ForSale
from nexus.application.ports.shopping import CartOwner
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.application.pricing import Pricing, SealedQuotes
from nexus.domain.addresses import Address
from nexus.domain.carts import Cart, CartIsEmpty
from nexus.domain.coupons import Coupon, CouponLost, Refusal, normal_code
from nexus.domain.inventory import InsufficientStock
from nexus.domain.orders import Buyer, Delivery, Order, OrderLine
from nexus.domain.pricing import PricedLine, Quote
from nexus.domain.shared import invalid, new_id
from nexus.domain.users import EmailNotVerified


@dataclass(frozen=True, slots=True)
class Choice:
    """What a shopper chose at checkout. An address is given in full, or by the id of a kept one."""

    shipping_address: Address | UUID
    billing_address: Address | UUID | None = None
    shipping_method: str | None = None
    coupon_code: str | None = None
    quote: str | None = None
    notes: str = ""


@dataclass(frozen=True)
class PlaceOrder:
    """Turn the owner's cart into an order, and hold its stock until the time to pay is over."""

    start_work: StartWork
    now: Clock
    pricing: Pricing
    quotes: SealedQuotes
    hold_for: timedelta
    only_verified: bool = False

    def __call__(self, *, owner: CartOwner, buyer: Buyer, choice: Choice) -> UUID:
        if self.only_verified and not buyer.is_verified:
            raise EmailNotVerified
        at = self.now()
        with self.start_work() as work:
            cart = work.carts.take(owner)
            if cart is None or not cart.lines:
                raise CartIsEmpty
            goods = work.products.for_sale(cart.quantities)
            _require_all(cart, goods)
            lines = [as_line(goods[id_], quantity) for id_, quantity in cart.quantities.items()]
            method = self.pricing.method(choice.shipping_method)
            delivery = _delivery(work, buyer, choice, method.code)
            # Popular coupons are wanted by many at once, so from here on it is quick.
            coupons = self._coupons(work, cart, lines, buyer, choice.coupon_code)
            quote = self.pricing.quote(lines, coupons, method)
            if choice.quote:
                self.quotes.check(choice.quote, quote.total)
            order = Order.place(
                quote,
                _order_lines(quote, goods),
                cart_id=cart.id,
                buyer=buyer,
                delivery=delivery,
                notes=choice.notes,
                at=at,
                until=at + self.hold_for,
            )
            work.orders.add(order)
            if coupons:
                amounts = {it.code: it.amount for it in quote.discounts}
                work.coupons.redeem(order.id, buyer=_who(buyer), amounts=amounts)
            self._hold(work, order, at)
            work.conclude(order.id)
            return order.id

    def _hold(self, work: Work, order: Order, at: datetime) -> None:
        # Everybody wants the same stock rows: they are held for no longer than a commit takes.
        work.stock.reserve(order.id, order.quantities, until=at + self.hold_for, at=at)
        if order.is_free:
            work.stock.commit(order.id, at=at)

    def _coupons(
        self,
        work: Work,
        cart: Cart,
        lines: list[PricedLine],
        buyer: Buyer,
        code: str | None,
    ) -> list[Coupon]:
        """Return the cart's coupons and the one named now; refuse if one does not hold."""
        codes = list(dict.fromkeys([*cart.coupon_codes, *([normal_code(code)] if code else [])]))
        if not codes:
            return []
        found, uses = work.coupons.lock_with_uses(codes, buyer=_who(buyer))
        if missing := set(codes) - {coupon.code for coupon in found}:
            raise CouponLost(min(missing), Refusal.UNKNOWN)
        for verdict in self.pricing.judge(found, lines, uses=uses, at=self.now()):
            if verdict.refusal:
                raise CouponLost(verdict.coupon.code, verdict.refusal)
        return found


def _who(buyer: Buyer) -> str:
    """Return what a coupon's uses are counted by: the account, or a guest's address."""
    return str(buyer.customer_id or buyer.email)


def _require_all(cart: Cart, goods: Mapping[UUID, ForSale]) -> None:
    """Refuse early, before a number is drawn; the reservation decides."""
    short = []
    for variant_id, quantity in cart.quantities.items():
        one = goods.get(variant_id)
        available = one.buyable if one else 0
        if quantity > available:
            short.append({"variant_id": variant_id, "requested": quantity, "available": available})
    if short:
        raise InsufficientStock(short)


def _order_lines(quote: Quote, goods: Mapping[UUID, ForSale]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            id=new_id(),
            variant_id=line.variant_id,
            product_id=goods[line.variant_id].product_id,
            sku=goods[line.variant_id].sku,
            name=goods[line.variant_id].name,
            options=goods[line.variant_id].options,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            tax=line.tax,
            total=line.total,
        )
        for line in quote.lines
    )


def _delivery(work: Work, buyer: Buyer, choice: Choice, method: str) -> Delivery:
    """Copy the addresses; one that is kept must be the buyer's own."""
    wanted = {"shipping_address_id": choice.shipping_address}
    if choice.billing_address is not None:
        wanted["billing_address_id"] = choice.billing_address
    ids = {it for it in wanted.values() if isinstance(it, UUID)}
    kept = work.addresses.by_ids(ids, owner=buyer.customer_id) if ids and buyer.customer_id else {}
    found = {}
    for field, it in wanted.items():
        address = kept.get(it) if isinstance(it, UUID) else it
        if address is None:
            raise invalid(field, "There is no such address.")
        found[field] = address
    shipping = found["shipping_address_id"]
    return Delivery(shipping, found.get("billing_address_id", shipping), method)
