"""What becomes of an order when nobody does anything."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.order_statuses import OrderStatus

log = logging.getLogger("nexus.orders")

BATCH = 100


@dataclass(frozen=True)
class ExpireOrders:
    """Cancel orders that were not paid in time, and give back what was held for them.

    `settle` asks the gateway one last time, and says whether the order was paid after all.
    """

    start_work: StartWork
    now: Clock
    settle: Callable[[UUID], bool]

    def __call__(self) -> int:
        """Return how many were expired."""
        with self.start_work() as work:
            due = work.orders.expired(at=self.now(), limit=BATCH)
        return sum(map(self._expire, due))

    def _expire(self, order_id: UUID) -> bool:
        try:
            return not self.settle(order_id) and self._cancel(order_id)
        except Exception:
            # The oldest come first, so one that fails would keep all the others waiting.
            log.exception("order not expired", extra={"order_id": str(order_id)})
            return False

    def _cancel(self, order_id: UUID) -> bool:
        at = self.now()
        with self.start_work() as work:
            order = work.orders.lock(order_id)
            if order.status is not OrderStatus.PENDING:
                return False
            order.expire(at)
            work.orders.save(order)
            work.coupons.give_back(order_id)
            work.stock.release(order_id, at=at, reason="expired")
            return True
