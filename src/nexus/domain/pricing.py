"""The one place where an amount comes about: base → coupons → shipping → tax.

Integers throughout; what must be divided is spread by largest remainder, so that the parts
always sum to the whole: Σ line totals + shipping = total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from nexus.domain.coupons import Coupon, DiscountType, Refusal
from nexus.domain.shared import Money


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One variant at its price of now, and the categories that coupons ask about."""

    variant_id: UUID
    product_id: UUID
    quantity: int
    unit_price: Money
    category_ids: frozenset[UUID] = frozenset()

    @property
    def subtotal(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """A way to deliver: a flat price, free from a subtotal on where one is named."""

    code: str
    name: str
    price: Money
    estimated_days: int
    free_from: Money | None = None

    def price_for(self, subtotal: Money) -> Money:
        free = self.free_from is not None and subtotal >= self.free_from
        return Money.zero(self.price.currency) if free else self.price


@dataclass(frozen=True, slots=True)
class TaxRule:
    """One rate for all (Ethiopia: VAT 15 %, Proclamation 1341/2024), inside prices or on top."""

    rate: Decimal
    inside: bool = True

    def of(self, amount: int) -> int:
        """Return the tax in (or on) an amount, in minor units, rounded half up."""
        part = Decimal(amount) * self.rate / (1 + self.rate if self.inside else 1)
        return int((part + Decimal("0.5")) // 1)


@dataclass(frozen=True, slots=True)
class QuotedLine:
    variant_id: UUID
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money

    @property
    def subtotal(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Discount:
    """What one coupon takes off; shipping it frees is not counted."""

    code: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced proposal. `tax` includes that of the shipping."""

    lines: tuple[QuotedLine, ...]
    discounts: tuple[Discount, ...]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to the weights, by largest remainder.

    The parts sum to the amount, and none exceeds its weight where the amount does not exceed
    their sum.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def quote(
    lines: Sequence[PricedLine],
    *,
    currency: str,
    coupons: Sequence[Coupon] = (),
    shipping: ShippingMethod | None = None,
    tax: TaxRule,
) -> Quote:
    """Price the lines with these coupons; whether each may be used is for `judge` to say."""
    left = [line.subtotal.minor for line in lines]
    discounts = []
    for coupon in coupons:
        taken = _take(coupon, lines, left)
        left = [rest - part for rest, part in zip(left, taken, strict=True)]
        discounts.append(Discount(coupon.code, Money(sum(taken), currency)))

    subtotal = sum((line.subtotal for line in lines), Money.zero(currency))
    reduced = Money(sum(left), currency)
    carried = _carriage(shipping, coupons, reduced) if lines else 0
    taxes = [tax.of(rest) for rest in left]
    shipping_tax = tax.of(carried)
    on_top = 0 if tax.inside else 1
    totals = [rest + on_top * part for rest, part in zip(left, taxes, strict=True)]
    shipped = carried + on_top * shipping_tax
    return Quote(
        lines=tuple(map(_quoted, lines, left, taxes, totals)),
        discounts=tuple(discounts),
        subtotal=subtotal,
        discount=subtotal - reduced,
        shipping=Money(shipped, currency),
        tax=Money(sum(taxes) + shipping_tax, currency),
        total=Money(sum(totals) + shipped, currency),
    )


def _carriage(shipping: ShippingMethod | None, coupons: Sequence[Coupon], reduced: Money) -> int:
    """Return what is asked for carrying goods that come to so much."""
    freed = any(coupon.discount_type is DiscountType.FREE_SHIPPING for coupon in coupons)
    return 0 if shipping is None or freed else shipping.price_for(reduced).minor


def _quoted(line: PricedLine, left: int, tax: int, total: int) -> QuotedLine:
    currency = line.unit_price.currency
    return QuotedLine(
        line.variant_id,
        line.quantity,
        line.unit_price,
        discount=line.subtotal - Money(left, currency),
        tax=Money(tax, currency),
        total=Money(total, currency),
    )


def _take(coupon: Coupon, lines: Sequence[PricedLine], left: Sequence[int]) -> list[int]:
    """Return what the coupon takes off each line, of what earlier ones have left."""
    covered = [
        rest if coupon.covers(line.product_id, line.category_ids) else 0
        for line, rest in zip(lines, left, strict=True)
    ]
    return spread(coupon.discount_on(sum(covered)), covered)


def eligible(coupon: Coupon, lines: Sequence[PricedLine]) -> Money:
    """Return what the lines that a coupon covers come to."""
    covered = (it for it in lines if coupon.covers(it.product_id, it.category_ids))
    return Money(sum(it.subtotal.minor for it in covered), coupon.currency)


@dataclass(frozen=True, slots=True)
class CouponVerdict:
    """Whether one coupon may be used on these lines now, and if not, why."""

    coupon: Coupon
    refusal: Refusal | None


def judge(
    coupons: Sequence[Coupon],
    lines: Sequence[PricedLine],
    *,
    uses: Mapping[str, int],
    most: int,
    at: datetime,
) -> list[CouponVerdict]:
    """Judge each coupon in turn: those before it that may be used stand beside it."""
    verdicts: list[CouponVerdict] = []
    for coupon in coupons:
        beside = [it.coupon for it in verdicts if it.refusal is None]
        verdicts.append(CouponVerdict(coupon, _refusal(coupon, beside, lines, uses, most, at)))
    return verdicts


def _refusal(
    coupon: Coupon,
    beside: Sequence[Coupon],
    lines: Sequence[PricedLine],
    uses: Mapping[str, int],
    most: int,
    at: datetime,
) -> Refusal | None:
    amount = eligible(coupon, lines)
    own = coupon.refusal(at=at, eligible=amount, uses_by_customer=uses.get(coupon.code, 0))
    together = not beside or (coupon.stackable and all(it.stackable for it in beside))
    if own is None and not (together and len(beside) < most):
        return Refusal.NOT_STACKABLE
    return own
