from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Event, Money, NotFound, new_id

# How long to wait before asking the provider again; after the last, only its own news counts.
CHECK_AFTER = (
    timedelta(seconds=20),
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30)),
    *(timedelta(hours=hours) for hours in (1, 3, 6, 12)),
)


class PaymentState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class Unmatched(StrEnum):
    """Why money that came in belongs to no order as it stands."""

    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    REFERENCE_DIFFERS = "reference_differs"
    MODE_DIFFERS = "mode_differs"
    ALREADY_PAID = "already_paid"
    ORDER_CANCELLED = "order_cancelled"


# Providers let a customer try the same checkout again, and money may win the race against a
# cancellation: so both may still succeed.
FOLLOWS = {
    PaymentState.PENDING: (PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CANCELLED),
    PaymentState.FAILED: (PaymentState.SUCCEEDED,),
    PaymentState.CANCELLED: (PaymentState.SUCCEEDED,),
}


@dataclass(eq=False)
class PaymentNotFound(NotFound):
    payment_id: UUID | None = None


class PaymentSuperseded(Conflict):
    """Another attempt was opened while this one was, and only one is to be paid."""

    code = "conflict"
    detail = "Another payment of this order was begun meanwhile."


@dataclass(eq=False)
class IllegalPaymentStep(Conflict):
    current: PaymentState
    allowed: tuple[PaymentState, ...]

    code = "illegal_transition"

    @property
    def detail(self) -> str:
        return f"The payment is {self.current}."


@dataclass(frozen=True)
class PaymentSucceeded(Event):
    name: ClassVar[str] = "payment.succeeded"
    payment_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class PaymentFailed(Event):
    name: ClassVar[str] = "payment.failed"
    payment_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class PaymentUnmatched(Event):
    """Money came in that staff have to look at."""

    name: ClassVar[str] = "payment.unmatched"
    payment_id: UUID
    order_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider calls a payment that came in, and how it was made."""

    provider_reference: str | None
    method: str | None


@dataclass
class Payment(Aggregate):
    """One attempt to pay one order. Its reference is never used for another."""

    id: UUID
    order_id: UUID
    provider: str
    reference: str
    amount: Money
    created_at: datetime
    expires_at: datetime | None
    next_check_at: datetime | None
    checks: int = 0
    status: PaymentState = PaymentState.PENDING
    checkout_url: str | None = None
    provider_reference: str | None = None
    method: str | None = None
    failure_reason: str | None = None
    unmatched_reason: Unmatched | None = None
    received: Money | None = None
    completed_at: datetime | None = None

    @classmethod
    def start(
        cls, order_id: UUID, provider: str, amount: Money, *, at: datetime, until: datetime | None
    ) -> Payment:
        id_ = new_id()
        check_at = at + CHECK_AFTER[0]
        return cls(id_, order_id, provider, f"nx-{id_.hex}", amount, at, until, check_at)

    @property
    def is_settled(self) -> bool:
        """Whether its money is in, and accounted for."""
        return self.status not in FOLLOWS

    def require_unpaid(self) -> None:
        if self.is_settled:
            raise IllegalPaymentStep(self.status, ())

    def opened(self, checkout_url: str | None) -> None:
        """Note where the customer pays; one given up meanwhile must not be paid any more."""
        if self.status is not PaymentState.PENDING:
            raise PaymentSuperseded
        self.checkout_url = checkout_url

    def refused(self, reason: str, *, at: datetime) -> None:
        """Fail before the provider even began, so that there is nothing to ask it about."""
        self.fail(reason, at=at)
        self.next_check_at = None

    def fail(self, reason: str, *, at: datetime) -> None:
        self._become(PaymentState.FAILED, at)
        self.failure_reason = reason
        self.events.append(PaymentFailed(self.id, self.order_id))

    def cancel(self, *, at: datetime) -> None:
        self._become(PaymentState.CANCELLED, at)

    def succeed(self, receipt: Receipt, *, at: datetime) -> None:
        """Take the money for the order."""
        self._receive(receipt, at)
        self.unmatched_reason = self.received = None
        self.events.append(PaymentSucceeded(self.id, self.order_id))

    def succeed_unmatched(self, receipt: Receipt, reason: Unmatched, *, at: datetime) -> None:
        """Take the money, which the order cannot use."""
        self._receive(receipt, at)
        self._report(reason, self.amount)

    def set_aside(self, reason: Unmatched, received: Money | None) -> None:
        """Note money that is not what was asked for; the payment itself is still owed."""
        self.require_unpaid()
        self.next_check_at = None
        if (reason, received) != (self.unmatched_reason, self.received):
            self._report(reason, received)

    def check(self, *, at: datetime) -> None:
        """Note that the provider is asked now, and when it is to be asked again."""
        self.checks += 1
        more = self.checks < len(CHECK_AFTER)
        self.next_check_at = at + CHECK_AFTER[self.checks] if more else None

    def expect_news(self, *, at: datetime) -> None:
        """Be asked after soon: somebody has heard more than the provider yet admits."""
        self.next_check_at = at + CHECK_AFTER[0]

    def _receive(self, receipt: Receipt, at: datetime) -> None:
        self._become(PaymentState.SUCCEEDED, at)
        self.provider_reference = receipt.provider_reference
        self.method = receipt.method
        self.failure_reason = self.next_check_at = None

    def _report(self, reason: Unmatched, received: Money | None) -> None:
        self.unmatched_reason, self.received = reason, received
        self.events.append(PaymentUnmatched(self.id, self.order_id, reason))

    def _become(self, status: PaymentState, at: datetime) -> None:
        allowed = FOLLOWS.get(self.status, ())
        if status not in allowed:
            raise IllegalPaymentStep(self.status, allowed)
        self.status, self.completed_at = status, at
