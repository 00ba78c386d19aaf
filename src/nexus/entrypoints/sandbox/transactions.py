"""A payment as Chapa sees it. Transactions never change: each step makes the next one."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from nexus.entrypoints.sandbox.faults import NO_FAULTS, Fault, Faults

FEE = Decimal("0.03")
MOST_TRIES = 10
SANTIM = Decimal("0.01")


def utc_now() -> datetime:
    return datetime.now(UTC)


def chapa_reference() -> str:
    return "AP" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(10))


class Status(StrEnum):
    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class NotPayable(Exception):
    """The payment link has been used, cancelled, tried too often or has expired."""


class NotRefundable(Exception):
    """Nothing was paid, or less than is wanted back."""


@dataclass(frozen=True)
class Refund:
    amount: Decimal
    reason: str | None = None
    merchant_reference: str | None = None
    meta: Any = None
    ref_id: str = field(default_factory=chapa_reference)
    created_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, kw_only=True)
class Transaction:
    tx_ref: str
    amount: Decimal
    currency: str
    expires_at: datetime
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    callback_url: str | None = None
    return_url: str | None = None
    customization: dict[str, Any] = field(default_factory=dict)
    meta: Any = None
    status: Status = Status.PENDING
    reference: str = field(default_factory=chapa_reference)
    method: str | None = None
    tries: int = 0
    faults: Faults = NO_FAULTS
    was_verified: bool = False
    refunds: tuple[Refund, ...] = ()
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)

    @property
    def charge(self) -> Decimal:
        return (self.amount * FEE).quantize(SANTIM)

    @property
    def tries_left(self) -> int:
        return MOST_TRIES - self.tries

    @property
    def refunded(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds), Decimal())

    @property
    def was_paid(self) -> bool:
        return self.status in {Status.SUCCESS, Status.REFUNDED}

    def is_payable(self, faults: Faults, *, at: datetime) -> bool:
        if Fault.PAID_AFTER_CANCEL in faults and not self.was_paid:
            return True
        is_open = self.status in {Status.PENDING, Status.FAILED}
        return is_open and self.tries_left > 0 and at < self.expires_at

    def pay(self, method: str, faults: Faults, *, at: datetime) -> Transaction:
        return self._try(Status.SUCCESS, method, faults, at)

    def decline(self, method: str, faults: Faults, *, at: datetime) -> Transaction:
        return self._try(Status.FAILED, method, faults, at)

    def cancel(self, *, at: datetime) -> Transaction:
        if not self.is_payable(NO_FAULTS, at=at):
            raise NotPayable
        return replace(self, status=Status.CANCELLED, updated_at=at)

    def refund(self, refund: Refund) -> Transaction:
        left = self.amount - self.refunded
        if not (self.was_paid and 0 < refund.amount <= left):
            raise NotRefundable
        status = Status.REFUNDED if refund.amount == left else self.status
        refunds = (*self.refunds, refund)
        return replace(self, refunds=refunds, status=status, updated_at=refund.created_at)

    def _try(self, status: Status, method: str, faults: Faults, at: datetime) -> Transaction:
        if not self.is_payable(faults, at=at):
            raise NotPayable
        tries = self.tries + 1
        return replace(self, status=status, method=method, tries=tries, updated_at=at)
