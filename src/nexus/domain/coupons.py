"""Codes for money off, and every reason why one may not be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Invalid, Money, NexusError, NotFound, invalid

CODE_MAX = 40
WHOLE_PERCENTAGE = 100_00


class DiscountType(StrEnum):
    PERCENTAGE = "percentage"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


class Refusal(StrEnum):
    UNKNOWN = "unknown"
    INACTIVE = "inactive"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    USED_UP = "used_up"
    USED_UP_FOR_CUSTOMER = "used_up_for_customer"
    MINIMUM_NOT_MET = "minimum_not_met"
    NOT_APPLICABLE = "not_applicable"
    NOT_STACKABLE = "not_stackable"


SENTENCES = {
    Refusal.UNKNOWN: "There is no such coupon.",
    Refusal.INACTIVE: "This coupon is not active.",
    Refusal.NOT_STARTED: "This coupon is not valid yet.",
    Refusal.EXPIRED: "This coupon has expired.",
    Refusal.USED_UP: "This coupon has been used up.",
    Refusal.USED_UP_FOR_CUSTOMER: "You have used this coupon as often as it allows.",
    Refusal.MINIMUM_NOT_MET: "The cart does not reach this coupon's minimum.",
    Refusal.NOT_APPLICABLE: "Nothing in the cart is covered by this coupon.",
    Refusal.NOT_STACKABLE: "This coupon cannot be combined with the other.",
}


@dataclass(eq=False)
class NoDiscount(NexusError):
    """Which code may not be used, and why."""

    coupon_code: str
    reason: Refusal

    code = "coupon_refused"

    @property
    def detail(self) -> str:
        return SENTENCES[self.reason]


class CouponRefused(NoDiscount, Invalid):
    """The cart cannot take it."""


class CouponLost(NoDiscount, Conflict):
    """The cart had it, and at checkout it does not hold any more."""


@dataclass(eq=False)
class CouponNotFound(NotFound):
    coupon_id: UUID


def normal_code(code: str) -> str:
    """Return the one spelling of a code that is kept and compared."""
    return code.strip().upper()


@dataclass
class Coupon(Aggregate):
    """`discount_value` is hundredths of a per cent, or minor units of the currency."""

    id: UUID
    code: str
    discount_type: DiscountType
    discount_value: int
    currency: str
    created_at: datetime
    min_purchase: Money | None = None
    max_discount: Money | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    used_count: int = 0
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    is_active: bool = True
    is_public: bool = False
    stackable: bool = False
    product_ids: frozenset[UUID] = frozenset()
    category_ids: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        self._check()

    def change(self, **changes: Any) -> None:
        """Set these fields, if the coupon still makes sense with them."""
        for name, value in changes.items():
            setattr(self, name, value)
        self._check()

    def _check(self) -> None:
        if len(self.code) > CODE_MAX:
            raise invalid("code", f"Must have at most {CODE_MAX} letters, written in capitals.")
        if self.discount_type is DiscountType.PERCENTAGE and not (
            0 < self.discount_value <= WHOLE_PERCENTAGE
        ):
            raise invalid("discount_value", "Must be above 0 and at most 100.")
        if self.discount_type is DiscountType.FIXED and self.discount_value <= 0:
            raise invalid("discount_value", "Must be above 0.")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise invalid("valid_to", "Must be after valid_from.")
        if self.max_uses is not None and self.max_uses < max(self.used_count, 1):
            raise invalid("max_uses", f"Must be at least 1; used {self.used_count} times so far.")

    def covers(self, product_id: UUID, category_ids: frozenset[UUID]) -> bool:
        """Say whether it is about this product; one that names nothing is about all."""
        if not self.product_ids and not self.category_ids:
            return True
        return product_id in self.product_ids or bool(self.category_ids & category_ids)

    def discount_on(self, eligible: int) -> int:
        """Return what it takes off an eligible amount, in minor units, never more than that."""
        if self.discount_type is DiscountType.PERCENTAGE:
            amount = (eligible * self.discount_value + WHOLE_PERCENTAGE // 2) // WHOLE_PERCENTAGE
        elif self.discount_type is DiscountType.FIXED:
            amount = self.discount_value
        else:
            return 0
        if self.max_discount is not None:
            amount = min(amount, self.max_discount.minor)
        return min(amount, eligible)

    def refusal(self, *, at: datetime, eligible: Money, uses_by_customer: int) -> Refusal | None:
        """Return the first reason why it may not be used on an eligible amount now, or None."""
        limit, own, least = self.max_uses, self.max_uses_per_customer, self.min_purchase
        reasons = (
            (not self.is_active, Refusal.INACTIVE),
            (self.valid_from is not None and at < self.valid_from, Refusal.NOT_STARTED),
            (self.valid_to is not None and at >= self.valid_to, Refusal.EXPIRED),
            (limit is not None and self.used_count >= limit, Refusal.USED_UP),
            (own is not None and uses_by_customer >= own, Refusal.USED_UP_FOR_CUSTOMER),
            (eligible.minor == 0, Refusal.NOT_APPLICABLE),
            (least is not None and eligible < least, Refusal.MINIMUM_NOT_MET),
        )
        return next((reason for holds, reason in reasons if holds), None)
