from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.domain.notices import Notice, NoticeNotFound
from nexus.domain.payments import Payment, PaymentNotFound, PaymentState


class MemoryPayments:
    def __init__(self, tables: Tables) -> None:
        self._payments = tables.table("payments")
        self._orders = tables.table("orders")

    def add(self, payment: Payment) -> None:
        self._payments.insert(payment.id, payment)

    def save(self, payment: Payment) -> None:
        self._payments.update(payment.id, payment)

    def by_id(self, payment_id: UUID, *, owner: UUID | None = None) -> Payment:
        payment: Payment | None = self._payments.get(payment_id)
        if payment and owner in (None, self._owner(payment)):
            return payment
        raise PaymentNotFound(payment_id)

    def lock(self, payment_id: UUID) -> Payment:
        return self.by_id(payment_id)

    def lock_open(self, order_id: UUID) -> Sequence[Payment]:
        found = self._payments.where(lambda it: it.order_id == order_id and _is_open(it))
        return sorted(found, key=attrgetter("id"))

    def id_of(self, reference: str, *, provider: str | None = None) -> UUID | None:
        found = self._payments.first(
            lambda it: it.reference == reference and provider in (None, it.provider)
        )
        return found and found.id

    def claim_due(self, *, at: datetime, limit: int) -> Sequence[Payment]:
        due = self._payments.where(lambda it: it.next_check_at and it.next_check_at <= at)
        return sorted(due, key=attrgetter("next_check_at"))[:limit]

    def _owner(self, payment: Payment) -> UUID | None:
        order = self._orders.get(payment.order_id)
        return order and order.customer_id


def _is_open(payment: Payment) -> bool:
    tried_again = payment.status is PaymentState.FAILED and payment.next_check_at is not None
    return payment.status is PaymentState.PENDING or tried_again


class MemoryInbox:
    def __init__(self, tables: Tables) -> None:
        self._notices = tables.table("webhook_inbox")

    def add(self, notice: Notice) -> bool:
        is_new = not self._notices.where(
            lambda it: (it.provider, it.key) == (notice.provider, notice.key)
        )
        if is_new:
            self._notices.insert(notice.id, notice)
        return is_new

    def save(self, notice: Notice) -> None:
        self._notices.update(notice.id, notice)

    def by_id(self, notice_id: UUID) -> Notice:
        notice: Notice | None = self._notices.get(notice_id)
        if notice:
            return notice
        raise NoticeNotFound(notice_id)
