"""Payments as their owners, staff and whoever holds their id see them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select

from nexus.adapters.sql.order_tables import orders
from nexus.adapters.sql.payments import payments
from nexus.adapters.sql.queries.keyset import sort_keys
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.application.ports.pages import Page, PageWanted
from nexus.application.ports.payments import PaymentDetails, PaymentFilter, PaymentStanding
from nexus.domain.payments import PaymentState
from nexus.domain.shared import Money

_NUMBER = select(orders.c.number).where(orders.c.id == payments.c.order_id).correlate(payments)
# Not joined, so that counting payments looks at no order.
_DETAILS = select(payments, _NUMBER.scalar_subquery().label("number"))
_STANDING = select(
    payments.c.id,
    orders.c.number,
    payments.c.provider,
    payments.c.reference,
    payments.c.status,
    payments.c.amount_minor,
    payments.c.currency,
).join_from(payments, orders)
_COLUMNS = {"created_at": payments.c.created_at, "amount": payments.c.amount_minor}
_OF_ID = payments.c.id == bindparam("payment_id")


class SqlPaymentQueries(SqlQueries):
    def payments(self, wanted: PageWanted, which: PaymentFilter) -> Page[PaymentDetails]:
        keys = sort_keys(which.ordering, _COLUMNS, payments.c.id)
        return self._page(_DETAILS.where(*_conditions(which)), keys, wanted, _details)

    def payment(self, payment_id: UUID, *, owner: UUID | None = None) -> PaymentDetails | None:
        query = _DETAILS.where(_OF_ID)
        if owner is not None:
            query = query.where(_owned_by(owner))
        row = self._first(query, payment_id=payment_id)
        return _details(row) if row else None

    def standing(self, payment_id: UUID) -> PaymentStanding | None:
        row = self._first(_STANDING.where(_OF_ID), payment_id=payment_id)
        return row and PaymentStanding(
            payment_id=row.id,
            order_number=row.number,
            provider=row.provider,
            transaction_id=row.reference,
            status=PaymentState(row.status),
            amount=Money(row.amount_minor, row.currency),
            currency=row.currency,
        )


def _owned_by(customer_id: UUID) -> ColumnElement[bool]:
    return payments.c.order_id.in_(select(orders.c.id).where(orders.c.customer_id == customer_id))


def _conditions(which: PaymentFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if which.owner is not None:
        conditions.append(_owned_by(which.owner))
    if which.unmatched:
        conditions.append(payments.c.unmatched_reason.is_not(None))
    if which.status is not None:
        conditions.append(payments.c.status == which.status)
    if which.order_id is not None:
        conditions.append(payments.c.order_id == which.order_id)
    return conditions


def _details(row: Any) -> PaymentDetails:
    has_received = row.received_minor is not None
    return PaymentDetails(
        id=row.id,
        order_id=row.order_id,
        order_number=row.number,
        provider=row.provider,
        transaction_id=row.reference,
        provider_reference=row.provider_reference,
        amount=Money(row.amount_minor, row.currency),
        refunded_amount=Money(row.refunded_minor, row.currency),
        currency=row.currency,
        status=PaymentState(row.status),
        method=row.method,
        checkout_url=row.checkout_url,
        failure_reason=row.failure_reason,
        unmatched_reason=row.unmatched_reason,
        received_amount=Money(row.received_minor, row.received_currency) if has_received else None,
        received_currency=row.received_currency,
        created_at=row.created_at,
        expires_at=row.expires_at,
        completed_at=row.completed_at,
    )
