from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    select,
)

from nexus.adapters.sql.order_tables import orders
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, currency, identity, metadata, minor, version
from nexus.domain.payments import Payment, PaymentNotFound, PaymentState, Unmatched
from nexus.domain.shared import Money

payments = Table(
    "payments",
    metadata,
    identity(),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False),
    Column("provider", String(20), nullable=False),
    Column("reference", String(64), nullable=False),
    minor("amount"),
    minor("refunded"),
    currency(),
    Column("status", String(20), nullable=False),
    Column("checkout_url", Text),
    Column("provider_reference", String(64)),
    Column("method", String(64)),
    Column("failure_reason", Text),
    Column("unmatched_reason", String(20)),
    Column("received_minor", BigInteger),
    Column("received_currency", CHAR(3)),
    Column("created_at", Moment, nullable=False),
    Column("completed_at", Moment),
    Column("expires_at", Moment),
    Column("next_check_at", Moment),
    Column("checks", Integer, nullable=False),
    version(),
    UniqueConstraint("reference", "provider"),
    CheckConstraint(
        "status in ('pending', 'succeeded', 'failed', 'cancelled', 'partially_refunded',"
        " 'refunded')",
        name="status",
    ),
    CheckConstraint(
        "amount_minor >= 0 and refunded_minor between 0 and amount_minor", name="amounts"
    ),
    CheckConstraint("(received_minor is null) = (received_currency is null)", name="received"),
    CheckConstraint("(status = 'pending') = (completed_at is null)", name="completed"),
)
_SETTLED = payments.c.status.in_(["succeeded", "partially_refunded", "refunded"])
Index("ix_payments_order_id", payments.c.order_id)
Index("ix_payments_created_at", payments.c.created_at, payments.c.id)
Index("ix_payments_amount", payments.c.amount_minor, payments.c.id)
Index(
    "uq_payments_pending",
    payments.c.order_id,
    unique=True,
    postgresql_where=payments.c.status == "pending",
)
# An order is paid once; money beyond that is unmatched.
Index(
    "uq_payments_paid",
    payments.c.order_id,
    unique=True,
    postgresql_where=_SETTLED & payments.c.unmatched_reason.is_(None),
)
Index(
    "ix_payments_next_check_at",
    payments.c.next_check_at,
    postgresql_where=payments.c.next_check_at.is_not(None),
)
Index(
    "ix_payments_unmatched",
    payments.c.id,
    postgresql_where=payments.c.unmatched_reason.is_not(None),
)


class SqlPayments(SqlRepository):
    def add(self, payment: Payment) -> None:
        facts = {
            "id": payment.id,
            "order_id": payment.order_id,
            "provider": payment.provider,
            "reference": payment.reference,
            "amount_minor": payment.amount.minor,
            "refunded_minor": 0,
            "currency": payment.amount.currency,
            "created_at": payment.created_at,
            "expires_at": payment.expires_at,
        }
        self._insert(payments, payment, facts | _state(payment))

    def save(self, payment: Payment) -> None:
        self._update(payments, payment, payment.id, _state(payment))

    def by_id(self, payment_id: UUID, *, owner: UUID | None = None) -> Payment:
        query = select(payments).where(payments.c.id == payment_id)
        if owner is not None:
            query = query.join(orders).where(orders.c.customer_id == owner)
        return self._one(query, payment_id)

    def lock(self, payment_id: UUID) -> Payment:
        query = select(payments).where(payments.c.id == payment_id)
        return self._one(query.with_for_update(), payment_id)

    def lock_open(self, order_id: UUID) -> Sequence[Payment]:
        failed = payments.c.status == PaymentState.FAILED
        tried_again = failed & payments.c.next_check_at.is_not(None)
        query = (
            select(payments)
            .where(payments.c.order_id == order_id)
            .where((payments.c.status == PaymentState.PENDING) | tried_again)
            .order_by(payments.c.id)
            .with_for_update()
        )
        return [_payment(row) for row in self._db.execute(query)]

    def id_of(self, reference: str, *, provider: str | None = None) -> UUID | None:
        query = select(payments.c.id).where(payments.c.reference == reference)
        if provider is not None:
            query = query.where(payments.c.provider == provider)
        return self._db.scalars(query.limit(1)).first()

    def claim_due(self, *, at: datetime, limit: int) -> Sequence[Payment]:
        query = (
            select(payments)
            .where(payments.c.next_check_at <= at)
            .order_by(payments.c.next_check_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_payment(row) for row in self._db.execute(query)]

    def _one(self, query: Select[Any], payment_id: UUID) -> Payment:
        if row := self._db.execute(query).first():
            return _payment(row)
        raise PaymentNotFound(payment_id)


def _state(payment: Payment) -> Row:
    received = payment.received
    return {
        "status": payment.status,
        "checkout_url": payment.checkout_url,
        "provider_reference": payment.provider_reference,
        "method": payment.method,
        "failure_reason": payment.failure_reason,
        "unmatched_reason": payment.unmatched_reason,
        "received_minor": received and received.minor,
        "received_currency": received and received.currency,
        "completed_at": payment.completed_at,
        "next_check_at": payment.next_check_at,
        "checks": payment.checks,
    }


def _payment(row: Any) -> Payment:
    has_received = row.received_minor is not None
    return Payment(
        id=row.id,
        order_id=row.order_id,
        provider=row.provider,
        reference=row.reference,
        amount=Money(row.amount_minor, row.currency),
        created_at=row.created_at,
        expires_at=row.expires_at,
        next_check_at=row.next_check_at,
        checks=row.checks,
        status=PaymentState(row.status),
        checkout_url=row.checkout_url,
        provider_reference=row.provider_reference,
        method=row.method,
        failure_reason=row.failure_reason,
        unmatched_reason=row.unmatched_reason and Unmatched(row.unmatched_reason),
        received=Money(row.received_minor, row.received_currency) if has_received else None,
        completed_at=row.completed_at,
        version=row.version,
    )
