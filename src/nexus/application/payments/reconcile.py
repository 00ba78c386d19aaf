"""Healing what the news missed."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from nexus.application.payments.close import CloseAttempt
from nexus.application.payments.settle import SettlePayment
from nexus.application.ports.gateways import GatewayUnavailable
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.payments import Payment, PaymentState

log = logging.getLogger("nexus.payments")

BATCH = 20


@dataclass(frozen=True)
class ReconcilePayments:
    """Ask after the payments nobody told us about, less and less often."""

    start_work: StartWork
    settle: SettlePayment
    close: CloseAttempt
    now: Clock

    def __call__(self) -> int:
        """Return how many were asked after."""
        at = self.now()
        with self.start_work() as work:
            due = work.payments.claim_due(at=at, limit=BATCH)
            for payment in due:
                payment.check(at=at)
                work.payments.save(payment)
        for payment in due:
            self._ask_after(payment)
        return len(due)

    def _ask_after(self, payment: Payment) -> None:
        given_up = payment.status is PaymentState.CANCELLED
        ask = self.close if given_up else self.settle
        try:
            with suppress(GatewayUnavailable):
                ask(payment_id=payment.id)
        except Exception:
            # It is asked after again later; the others of this batch are due now.
            log.exception("payment not reconciled", extra={"payment_id": str(payment.id)})
