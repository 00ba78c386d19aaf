from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import MemoryTable, Tables
from nexus.application.ports.shopping import CartOwner
from nexus.domain.carts import Cart
from nexus.domain.coupons import Coupon, CouponLost, CouponNotFound, Refusal
from nexus.domain.order_statuses import OrderStatus
from nexus.domain.orders import Order, OrderNotFound
from nexus.domain.shared import Aggregate, AlreadyExists, Money


class MemoryCarts:
    def __init__(self, tables: Tables) -> None:
        self._carts: MemoryTable[Cart] = tables.table("carts")

    def open(self, cart: Cart) -> Cart:
        owner = CartOwner(cart.customer_id, cart.token_hash)
        if not self.lock(owner):
            self._carts.insert(cart.id, cart)
        return self.lock(owner) or cart

    def save(self, cart: Cart) -> None:
        self._carts.update(cart.id, cart)

    def remove(self, cart: Cart) -> None:
        self._carts.delete(cart.id)

    def lock(self, owner: CartOwner) -> Cart | None:
        return self._carts.first(
            lambda it: (it.customer_id, it.token_hash) == (owner.customer_id, owner.token_hash)
        )

    def take(self, owner: CartOwner) -> Cart | None:
        if cart := self.lock(owner):
            self._carts.delete(cart.id)
        return cart


@dataclass
class Redemption(Aggregate):
    coupon_id: UUID
    order_id: UUID
    buyer: str
    returned: bool = False


class MemoryCoupons:
    def __init__(self, tables: Tables) -> None:
        self._coupons: MemoryTable[Coupon] = tables.table("coupons")
        self._redemptions: MemoryTable[Redemption] = tables.table("coupon_redemptions")

    def add(self, coupon: Coupon) -> None:
        self._check(coupon)
        self._coupons.insert(coupon.id, coupon)

    def save(self, coupon: Coupon) -> None:
        self._check(coupon)
        self._coupons.update(coupon.id, coupon)

    def remove(self, coupon: Coupon) -> None:
        self._coupons.delete(coupon.id)

    def lock(self, coupon_id: UUID) -> Coupon:
        if coupon := self._coupons.get(coupon_id):
            return coupon
        raise CouponNotFound(coupon_id)

    def with_uses(
        self, codes: Sequence[str], *, buyer: str
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        by_code = {it.code: it for it in self._coupons.where(lambda it: it.code in codes)}
        found = [by_code[code] for code in codes if code in by_code]
        return found, {it.code: self._uses(it.id, buyer) for it in found}

    def lock_with_uses(
        self, codes: Sequence[str], *, buyer: str
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        return self.with_uses(codes, buyer=buyer)

    def was_used(self, coupon_id: UUID) -> bool:
        return bool(self._redemptions.where(lambda it: it.coupon_id == coupon_id))

    def redeem(self, order_id: UUID, *, buyer: str, amounts: Mapping[str, Money]) -> None:
        found, uses = self.with_uses(sorted(amounts), buyer=buyer)
        for coupon in found:
            most, own = coupon.max_uses, coupon.max_uses_per_customer
            if (most is not None and coupon.used_count >= most) or (
                own is not None and uses[coupon.code] >= own
            ):
                raise CouponLost(coupon.code, Refusal.USED_UP)
            self._count(coupon.id, 1)
            use = Redemption(coupon.id, order_id, buyer)
            self._redemptions.insert((coupon.id, order_id), use)

    def give_back(self, order_id: UUID) -> None:
        for use in self._redemptions.where(lambda it: it.order_id == order_id and not it.returned):
            self._count(use.coupon_id, -1)
            self._redemptions.update((use.coupon_id, order_id), replace(use, returned=True))

    def _uses(self, coupon_id: UUID, buyer: str) -> int:
        return len(
            self._redemptions.where(
                lambda it: it.coupon_id == coupon_id and it.buyer == buyer and not it.returned
            )
        )

    def _count(self, coupon_id: UUID, by: int) -> None:
        """Change the count alone, as the guarded UPDATE does: the version stays."""
        coupon = self.lock(coupon_id)
        coupon.used_count += by
        self._coupons.insert(coupon_id, coupon)

    def _check(self, coupon: Coupon) -> None:
        if self._coupons.where(lambda it: it.code == coupon.code and it.id != coupon.id):
            raise AlreadyExists("code")


class MemoryOrders:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._orders: MemoryTable[Order] = tables.table("orders")

    def add(self, order: Order) -> None:
        order.number = f"NX-{order.placed_at.year}-{self._tables.counter('orders'):06}"
        order.news.clear()
        self._orders.insert(order.id, order)

    def save(self, order: Order) -> None:
        order.news.clear()
        self._orders.update(order.id, order)

    def lock(self, order_id: UUID) -> Order:
        if order := self._orders.get(order_id):
            return order
        raise OrderNotFound(order_id)

    def expired(self, *, at: datetime, limit: int) -> list[UUID]:
        waiting = self._orders.where(lambda it: it.status is OrderStatus.PENDING)
        over = sorted((it.expires_at, it.id) for it in waiting if it.expires_at)
        return [order_id for until, order_id in over if until <= at][:limit]
