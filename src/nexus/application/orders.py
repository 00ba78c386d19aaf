"""What becomes of an order when nobody does anything."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.orders import OrderStatus

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
        return sum(self._expire(order_id) for order_id in due if not self.settle(order_id))

    def _expire(self, order_id: UUID) -> bool:
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
