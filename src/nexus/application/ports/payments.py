"""Payments and the news of them: how they are kept, and asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.notices import Notice
from nexus.domain.payments import Payment, PaymentState
from nexus.domain.shared import Money


class Payments(Protocol):
    """Whoever changes an order and its payments locks the order first, so that no two cross."""

    def add(self, payment: Payment) -> None: ...
    def save(self, payment: Payment) -> None: ...

    def by_id(self, payment_id: UUID, *, owner: UUID | None = None) -> Payment:
        """Return it, if its order is this customer's where one is named; raise PaymentNotFound."""

    def lock(self, payment_id: UUID) -> Payment:
        """Return it, keeping other work off it until this work ends; raise PaymentNotFound."""

    def lock_open(self, order_id: UUID) -> Sequence[Payment]:
        """Return the order's attempts that could still be paid at the provider, oldest first."""

    def id_of(self, reference: str, *, provider: str | None = None) -> UUID | None: ...

    def claim_due(self, *, at: datetime, limit: int) -> Sequence[Payment]:
        """Return those to be looked up now, which nobody else is looking up at this moment."""


class Inbox(Protocol):
    def add(self, notice: Notice) -> bool:
        """Keep it and publish its events; or return False if the provider has sent it before."""

    def save(self, notice: Notice) -> None: ...
    def by_id(self, notice_id: UUID) -> Notice: ...


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """A payment as its owner and staff see it; what came in is told where it differs."""

    id: UUID
    order_id: UUID
    order_number: str
    provider: str
    transaction_id: str
    provider_reference: str | None
    amount: Money
    refunded_amount: Money
    currency: str
    status: PaymentState
    method: str | None
    checkout_url: str | None
    failure_reason: str | None
    unmatched_reason: str | None
    received_amount: Money | None
    received_currency: str | None
    created_at: datetime
    expires_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentStanding:
    """What anybody who holds a payment's id may know."""

    payment_id: UUID
    order_number: str
    provider: str
    transaction_id: str
    status: PaymentState
    amount: Money
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """`owner` is the customer whose payments are wanted; None wants everybody's."""

    owner: UUID | None = None
    unmatched: bool = False
    status: PaymentState | None = None
    order_id: UUID | None = None
    ordering: tuple[str, ...] = ()


PAYMENT_KEYS = frozenset({"created_at", "amount"})


class PaymentQueries(Protocol):
    def payments(self, wanted: PageWanted, which: PaymentFilter) -> Page[PaymentDetails]:
        """Return a page of them, newest first unless ordered otherwise."""

    def payment(self, payment_id: UUID, *, owner: UUID | None) -> PaymentDetails | None: ...

    def standing(self, payment_id: UUID) -> PaymentStanding | None: ...
