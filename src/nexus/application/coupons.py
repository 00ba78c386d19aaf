"""Making coupons, changing them, and asking what one would take off."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.coupons import Coupon, Refusal, normal_code
from nexus.domain.shared import Money, new_id


@dataclass(frozen=True)
class CreateCoupon:
    """Keep a new coupon; its code must be new, whatever its case."""

    start_work: StartWork
    now: Clock
    currency: str

    def __call__(self, *, code: str, **facts: Any) -> UUID:
        coupon = Coupon(
            id=new_id(),
            code=normal_code(code),
            currency=self.currency,
            created_at=self.now(),
            **facts,
        )
        with self.start_work() as work:
            work.coupons.add(coupon)
        return coupon.id


@dataclass(frozen=True)
class ChangeCoupon:
    """Set some fields; orders that used it keep what it gave them."""

    start_work: StartWork

    def __call__(self, *, coupon_id: UUID, **changes: Any) -> None:
        if "code" in changes:
            changes["code"] = normal_code(changes["code"])
        with self.start_work() as work:
            coupon = work.coupons.lock(coupon_id)
            coupon.change(**changes)
            work.coupons.save(coupon)


@dataclass(frozen=True)
class RemoveCoupon:
    """Forget a coupon; one that was ever used is only made inactive, since orders name it."""

    start_work: StartWork

    def __call__(self, *, coupon_id: UUID) -> None:
        with self.start_work() as work:
            coupon = work.coupons.lock(coupon_id)
            if work.coupons.was_used(coupon_id):
                coupon.change(is_active=False)
                work.coupons.save(coupon)
            else:
                work.coupons.remove(coupon)


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether a code could be used on an amount now, and what it would take off."""

    refusal: Refusal | None
    discount: Money
    coupon: Coupon | None


@dataclass(frozen=True)
class ValidateCoupon:
    """Say what a code is worth on a subtotal, without using it."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, code: str, subtotal: Money, buyer: str) -> Validity:
        nothing = Money.zero(subtotal.currency)
        with self.start_work() as work:
            found, uses = work.coupons.with_uses([normal_code(code)], buyer=buyer)
        if not found:
            return Validity(Refusal.UNKNOWN, nothing, None)
        (coupon,) = found
        refusal = coupon.refusal(
            at=self.now(), eligible=subtotal, uses_by_customer=uses.get(coupon.code, 0)
        )
        discount = (
            nothing if refusal else Money(coupon.discount_on(subtotal.minor), subtotal.currency)
        )
        return Validity(refusal, discount, coupon)
