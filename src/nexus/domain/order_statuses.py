"""Where an order stands, what may follow, and from when on its goods count as bought."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nexus.domain.shared import Conflict


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    PENDING = "pending"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class FulfillmentStatus(StrEnum):
    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    RETURNED = "returned"


FOLLOWS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PROCESSING, OrderStatus.CANCELLED}),
    OrderStatus.PROCESSING: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset({OrderStatus.REFUNDED}),
    # Money that arrives late revives an order where stock allows.
    OrderStatus.CANCELLED: frozenset({OrderStatus.CONFIRMED, OrderStatus.REFUNDED}),
    OrderStatus.REFUNDED: frozenset(),
}
# What is neither waited for, nor given back.
BOUGHT = frozenset(
    {OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED}
)


@dataclass(eq=False)
class IllegalTransition(Conflict):
    current: OrderStatus
    wanted: OrderStatus
    allowed: list[OrderStatus]


def require_step(current: OrderStatus, wanted: OrderStatus) -> None:
    """Refuse unless the one may follow the other."""
    if wanted not in FOLLOWS[current]:
        raise IllegalTransition(current, wanted, sorted(FOLLOWS[current]))
