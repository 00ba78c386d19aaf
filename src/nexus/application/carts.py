"""Filling a basket. What is in it is promised to nobody before checkout."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nexus.application.ports.catalog import ForSale
from nexus.application.ports.shopping import CartOwner
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.application.pricing import Pricing
from nexus.domain.carts import Cart, CartLineNotFound
from nexus.domain.coupons import CouponRefused, Refusal, normal_code
from nexus.domain.pricing import PricedLine
from nexus.domain.shared import Invalid, NotFound, new_id


@dataclass(eq=False)
class NotForSale(NotFound):
    """No such product or variant, or one that is not sold now."""


def guest(token: str) -> CartOwner:
    """Return the owner who holds this token, of which only the hash is kept."""
    return CartOwner(token_hash=hashlib.sha256(token.encode()).hexdigest())


@dataclass(frozen=True)
class AddToCart:
    """Put some of a variant into the owner's cart, which is made if they have none."""

    start_work: StartWork
    now: Clock
    currency: str
    most: int

    def __call__(
        self,
        *,
        owner: CartOwner,
        quantity: int,
        variant_id: UUID | None = None,
        product: str | None = None,
    ) -> None:
        with self.start_work() as work:
            cart_id = self.within(
                work, owner=owner, quantity=quantity, variant_id=variant_id, product=product
            )
            work.conclude(cart_id)

    def within(
        self,
        work: Work,
        *,
        owner: CartOwner,
        quantity: int,
        variant_id: UUID | None,
        product: str | None,
    ) -> UUID:
        """Do so as a part of other work, which a refusal undoes as well; return the cart's id."""
        goods = self._variant(work, variant_id, product)
        cart = work.carts.lock(owner) or work.carts.open(self._new(owner))
        cart.add(
            goods.variant_id,
            quantity,
            price=goods.price,
            available=goods.available,
            most=self.most,
        )
        _keep(work, cart, at=self.now())
        return cart.id

    def _new(self, owner: CartOwner) -> Cart:
        return Cart(new_id(), self.currency, self.now(), owner.customer_id, owner.token_hash)

    def _variant(self, work: Work, variant_id: UUID | None, product: str | None) -> ForSale:
        """Find what is meant; a product with several variants means none of them."""
        if variant_id is None:
            found = work.products.sold_variants_of(product or "")
            if len(found) > 1:
                raise VariantRequired({"variant_id": ["Choose one of the product's variants."]})
        else:
            found = list(work.products.for_sale([variant_id]).values())
        if not found or not found[0].is_sold:
            raise NotForSale
        return found[0]


@dataclass(eq=False)
class VariantRequired(Invalid):
    """The product has several variants, and which one is meant was not said."""

    errors: dict[str, list[str]]


@dataclass(frozen=True)
class SetQuantity:
    """Want that many of a line from now on; 0 takes it out of the cart."""

    start_work: StartWork
    now: Clock
    most: int

    def __call__(self, *, owner: CartOwner, item_id: UUID, quantity: int) -> None:
        with self.start_work() as work:
            cart = locked(work, owner, item_id)
            variant_id = cart.line_of(item_id).variant_id
            goods = work.products.for_sale([variant_id]).get(variant_id)
            available = goods.buyable if goods else 0
            cart.set_quantity(item_id, quantity, available=available, most=self.most)
            _keep(work, cart, at=self.now())


@dataclass(frozen=True)
class RemoveFromCart:
    """Take one line out."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, owner: CartOwner, item_id: UUID) -> None:
        with self.start_work() as work:
            cart = locked(work, owner, item_id)
            cart.remove(item_id)
            _keep(work, cart, at=self.now())


@dataclass(frozen=True)
class ClearCart:
    """Take everything out, coupons too. An owner without a cart has an empty one already."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, owner: CartOwner) -> None:
        with self.start_work() as work:
            if cart := work.carts.lock(owner):
                cart.clear()
                _keep(work, cart, at=self.now())


@dataclass(frozen=True)
class ApplyCoupon:
    """Put a code on the cart if it may be used on it now; refuse with the reason."""

    start_work: StartWork
    now: Clock
    pricing: Pricing

    def __call__(self, *, owner: CartOwner, code: str) -> None:
        code = normal_code(code)
        with self.start_work() as work:
            cart = work.carts.lock(owner)
            codes = list(dict.fromkeys([*(cart.coupon_codes if cart else []), code]))
            coupons, uses = work.coupons.with_uses(codes, buyer=str(owner.customer_id or ""))
            if not any(coupon.code == code for coupon in coupons):
                raise CouponRefused(code, Refusal.UNKNOWN)
            lines = priced_lines(work, cart) if cart else []
            verdicts = self.pricing.judge(coupons, lines, uses=uses, at=self.now())
            mine = next(it for it in verdicts if it.coupon.code == code)
            if mine.refusal:
                raise CouponRefused(code, mine.refusal)
            if cart and code not in cart.coupon_codes:
                cart.coupon_codes.append(code)
                _keep(work, cart, at=self.now())


@dataclass(frozen=True)
class TakeCouponOff:
    """Take a code off the cart; one that is not on it is refused."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, owner: CartOwner, code: str) -> None:
        with self.start_work() as work:
            cart = work.carts.lock(owner)
            if cart is None or normal_code(code) not in cart.coupon_codes:
                raise CouponNotOnCart(normal_code(code))
            cart.coupon_codes.remove(normal_code(code))
            _keep(work, cart, at=self.now())


@dataclass(eq=False)
class CouponNotOnCart(NotFound):
    coupon_code: str


@dataclass(frozen=True)
class ClaimGuestCart:
    """Merge a guest's cart into the customer's. A second time there is nothing left to merge."""

    start_work: StartWork
    now: Clock
    most: int

    def __call__(self, *, cart_token: str, customer_id: UUID) -> None:
        with self.start_work() as work:
            guests = work.carts.take(guest(cart_token))
            if guests is None:
                return
            mine = CartOwner(customer_id=customer_id)
            cart = work.carts.lock(mine) or work.carts.open(
                Cart(new_id(), guests.currency, self.now(), customer_id)
            )
            wanted = {**guests.quantities, **cart.quantities}
            goods = work.products.for_sale(wanted)
            available = {id_: it.available for id_, it in goods.items()}
            cart.absorb(guests, available=available, most=self.most)
            _keep(work, cart, at=self.now())


def _keep(work: Work, cart: Cart, *, at: datetime) -> None:
    """Save a cart that its owner has changed."""
    cart.updated_at = at
    work.carts.save(cart)


def locked(work: Work, owner: CartOwner, item_id: UUID) -> Cart:
    """Return the owner's cart; without one there is no such line either."""
    if cart := work.carts.lock(owner):
        return cart
    raise CartLineNotFound(item_id)


def priced_lines(work: Work, cart: Cart) -> list[PricedLine]:
    """Return what of the cart is sold now, at the price of now."""
    goods = work.products.for_sale(cart.quantities)
    return [as_line(goods[id_], n) for id_, n in cart.quantities.items() if _sold(goods, id_)]


def _sold(goods: dict[UUID, ForSale], variant_id: UUID) -> bool:
    return variant_id in goods and goods[variant_id].is_sold


def as_line(goods: ForSale, quantity: int) -> PricedLine:
    return PricedLine(goods.variant_id, goods.product_id, quantity, goods.price, goods.category_ids)
