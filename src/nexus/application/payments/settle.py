"""What the provider says when asked decides what becomes of a payment and of its order."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nexus.application.ports.gateways import (
    Gateways,
    GatewayUnavailable,
    Outcome,
    PaymentGateway,
    Verified,
)
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.inventory import InsufficientStock
from nexus.domain.order_statuses import OrderStatus, PaymentStatus
from nexus.domain.orders import Order
from nexus.domain.payments import Payment, PaymentNotFound, PaymentState, Receipt, Unmatched

AWAITS_MONEY = (PaymentStatus.UNPAID, PaymentStatus.PENDING, PaymentStatus.FAILED)


def gateway_of(gateways: Gateways, provider: str) -> PaymentGateway:
    """Return the provider's gateway, which may be configured no longer."""
    if gateway := gateways.get(provider):
        return gateway
    raise GatewayUnavailable(provider)


@dataclass(frozen=True)
class SettlePayment:
    """Ask the provider what became of a payment; whatever that is, let it happen once."""

    start_work: StartWork
    gateways: Gateways
    now: Clock

    def __call__(self, *, payment_id: UUID) -> None:
        with self.start_work() as work:
            payment = work.payments.by_id(payment_id)
        if payment.is_settled:
            return
        gateway = gateway_of(self.gateways, payment.provider)
        verified = gateway.verify(payment.reference)
        if verified.outcome is Outcome.PENDING:
            return
        difference = _difference(payment, verified, gateway.mode)
        try:
            self._record(payment, verified, difference, may_revive=True)
        except InsufficientStock:
            # The goods of a cancelled order have been sold to somebody else meanwhile.
            self._record(payment, verified, difference, may_revive=False)

    def _record(
        self, seen: Payment, verified: Verified, difference: Unmatched | None, *, may_revive: bool
    ) -> None:
        at = self.now()
        with self.start_work() as work:
            order = work.orders.lock(seen.order_id)
            payment = work.payments.lock(seen.id)
            if payment.is_settled:
                return
            if verified.outcome is not Outcome.SUCCEEDED:
                _fail(work, order, payment, verified, at)
            elif difference:
                payment.set_aside(difference, verified.amount)
                work.payments.save(payment)
            else:
                _receive(work, order, payment, verified, at, may_revive=may_revive)


def _difference(payment: Payment, verified: Verified, mode: str) -> Unmatched | None:
    """Say how what came in is not what was asked for."""
    came = verified.amount
    if verified.reference != payment.reference:
        return Unmatched.REFERENCE_DIFFERS
    if verified.mode != mode:
        return Unmatched.MODE_DIFFERS
    if came and came.currency != payment.amount.currency:
        return Unmatched.CURRENCY_DIFFERS
    return None if came == payment.amount else Unmatched.AMOUNT_DIFFERS


def _fail(work: Work, order: Order, payment: Payment, verified: Verified, at: datetime) -> None:
    if payment.status is not PaymentState.PENDING:
        return
    if verified.outcome is Outcome.CANCELLED:
        payment.cancel(at=at)
    else:
        payment.fail(verified.failure_reason or "failed", at=at)
    work.payments.save(payment)
    if order.is_payable:
        order.payment_failed(at)
        work.orders.save(order)


def _receive(
    work: Work,
    order: Order,
    payment: Payment,
    verified: Verified,
    at: datetime,
    *,
    may_revive: bool,
) -> None:
    receipt = Receipt(verified.provider_reference, verified.method)
    was_cancelled = order.status is OrderStatus.CANCELLED
    waits = order.payment_status in AWAITS_MONEY
    if waits and (order.status is OrderStatus.PENDING or (was_cancelled and may_revive)):
        payment.succeed(receipt, at=at)
        work.payments.save(payment)
        _pay(work, order, at)
    else:
        reason = Unmatched.ORDER_CANCELLED if waits and was_cancelled else Unmatched.ALREADY_PAID
        payment.succeed_unmatched(receipt, reason, at=at)
        work.payments.save(payment)


def _pay(work: Work, order: Order, at: datetime) -> None:
    """Confirm the order; its other attempts are given up, and closed when next looked up."""
    was_cancelled = order.status is OrderStatus.CANCELLED
    order.paid(at)
    work.orders.save(order)
    cancel_open(work, order.id, at)
    if was_cancelled:
        work.stock.reserve(order.id, order.quantities, until=at, at=at)
    work.stock.commit(order.id, at=at)


def cancel_open(work: Work, order_id: UUID, at: datetime) -> list[UUID]:
    """Give up the order's open attempts; return those whose checkout is still to be closed."""
    attempts = work.payments.lock_open(order_id)
    for attempt in attempts:
        if attempt.status is PaymentState.PENDING:
            attempt.cancel(at=at)
            work.payments.save(attempt)
    return [attempt.id for attempt in attempts]


@dataclass(frozen=True)
class VerifyPayment:
    """Ask the provider on somebody's behalf; while it does not answer, nothing changes."""

    start_work: StartWork
    settle: SettlePayment

    def __call__(self, *, payment_id: UUID | None = None, reference: str = "") -> UUID:
        """Return the id of the payment that goes by this id or reference."""
        if payment_id is None:
            with self.start_work() as work:
                payment_id = work.payments.id_of(reference)
        if payment_id is None:
            raise PaymentNotFound
        with suppress(GatewayUnavailable):
            self.settle(payment_id=payment_id)
        return payment_id
