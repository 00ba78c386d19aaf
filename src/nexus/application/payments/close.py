"""Giving up a checkout, unless its money is there already."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from nexus.application.payments.settle import SettlePayment, cancel_open, gateway_of
from nexus.application.ports.gateways import Gateways, GatewayUnavailable
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.order_statuses import PaymentStatus


@dataclass(frozen=True)
class CloseAttempt:
    """Close a checkout, then ask once more: a payment may just have won the race."""

    start_work: StartWork
    gateways: Gateways
    settle: SettlePayment

    def __call__(self, *, payment_id: UUID) -> None:
        with self.start_work() as work:
            payment = work.payments.by_id(payment_id)
        # Closing is a courtesy; what the provider says afterwards is what counts.
        with suppress(GatewayUnavailable):
            gateway_of(self.gateways, payment.provider).cancel(payment.reference)
        self.settle(payment_id=payment_id)


@dataclass(frozen=True)
class SettleOrCancelAttempts:
    """Give up an order's open attempts before it expires; say whether it was paid after all."""

    start_work: StartWork
    close: CloseAttempt
    now: Clock

    def __call__(self, order_id: UUID) -> bool:
        with self.start_work() as work:
            work.orders.lock(order_id)
            attempts = cancel_open(work, order_id, self.now())
        for payment_id in attempts:
            # Money that comes in later still finds its payment, and staff.
            with suppress(GatewayUnavailable):
                self.close(payment_id=payment_id)
        with self.start_work() as work:
            return work.orders.lock(order_id).payment_status is PaymentStatus.PAID


@dataclass(frozen=True)
class VoidPayment:
    """Give up a payment at its owner's wish, unless the money is there already."""

    start_work: StartWork
    close: CloseAttempt
    now: Clock

    def __call__(self, *, payment_id: UUID, owner: UUID | None) -> None:
        self._cancel(payment_id, owner)
        with suppress(GatewayUnavailable):
            self.close(payment_id=payment_id)
        with self.start_work() as work:
            work.payments.by_id(payment_id).require_unpaid()

    def _cancel(self, payment_id: UUID, owner: UUID | None) -> None:
        at = self.now()
        with self.start_work() as work:
            found = work.payments.by_id(payment_id, owner=owner)
            order = work.orders.lock(found.order_id)
            payment = work.payments.lock(payment_id)
            payment.cancel(at=at)
            work.payments.save(payment)
            if order.is_payable:
                order.payment_failed(at)
                work.orders.save(order)
