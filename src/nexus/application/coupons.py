"""Making coupons, changing them, and asking what one would take off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.coupons import Coupon, Refusal, normal_code
from nexus.domain.pricing import PricedLine, eligible
from nexus.domain.shared import Money, invalid, new_id


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
            _require_known(work, facts)
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
            _require_known(work, changes)
            coupon.change(**changes)
            work.coupons.save(coupon)


def _require_known(work: Work, facts: Mapping[str, Any]) -> None:
    """Refuse a coupon for goods that do not exist, naming the field."""
    products, categories = facts.get("product_ids", ()), facts.get("category_ids", ())
    if products and set(products) - work.products.known(products):
        raise invalid("product_ids", "No such product.")
    if categories and len(work.categories.ids_of({str(it) for it in categories})) < len(categories):
        raise invalid("category_ids", "No such category.")


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
    """Say what a code is worth on a subtotal, or else on these lines, without using it."""

    start_work: StartWork
    now: Clock
    currency: str

    def __call__(
        self,
        *,
        code: str,
        buyer: str,
        subtotal: Money | None = None,
        lines: Sequence[PricedLine] = (),
    ) -> Validity:
        nothing = Money.zero(self.currency)
        with self.start_work() as work:
            found, uses = work.coupons.with_uses([normal_code(code)], buyer=buyer)
        if not found:
            return Validity(Refusal.UNKNOWN, nothing, None)
        (coupon,) = found
        amount = eligible(coupon, lines) if subtotal is None else subtotal
        refusal = coupon.refusal(
            at=self.now(), eligible=amount, uses_by_customer=uses.get(coupon.code, 0)
        )
        discount = nothing if refusal else Money(coupon.discount_on(amount.minor), amount.currency)
        return Validity(refusal, discount, coupon)
