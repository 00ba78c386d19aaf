"""How much there is of each variant, how much of it is promised, and every change of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Event, NotFound, invalid, new_id

MOST_UNITS = 2**31 - 1


@dataclass(eq=False)
class InsufficientStock(Conflict):
    """Each item tells `variant_id`, `requested` and `available`."""

    items: Sequence[dict[str, Any]]

    def members(self) -> dict[str, Any]:
        members = super().members()
        if len(self.items) == 1:
            members["available"] = self.items[0]["available"]
        return members


@dataclass(eq=False)
class StockCommitted(Conflict):
    """So many are promised to orders that the shelf cannot be taken below them."""

    on_hand: int
    reserved: int


@dataclass(eq=False)
class StockNotFound(NotFound):
    variant_id: UUID


@dataclass(eq=False)
class ReservationNotActive(Conflict):
    order_id: UUID


@dataclass(eq=False)
class AlreadyReserved(Conflict):
    order_id: UUID


@dataclass(frozen=True)
class StockRanLow(Event):
    """Said once when it falls to the threshold, and again only after it has been above."""

    name: ClassVar[str] = "stock.low"
    variant_id: UUID
    sku: str
    available: int
    threshold: int


@dataclass(frozen=True)
class StockCameBack(Event):
    """Said when there is something to be had of what there was nothing of."""

    name: ClassVar[str] = "stock.back"
    variant_id: UUID
    sku: str
    available: int


class AdjustmentReason(StrEnum):
    RECEIVED = "received"
    CORRECTION = "correction"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"
    TRANSFER = "transfer"


class ReservationState(StrEnum):
    ACTIVE = "active"
    CONSUMED = "consumed"
    RELEASED = "released"


RESERVED = "reserved"
SOLD = "sold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line of the ledger: what changed, why, and the level after it."""

    id: UUID
    variant_id: UUID
    on_hand_delta: int
    reserved_delta: int
    reason: str
    order_id: UUID | None
    note: str
    actor_id: UUID | None
    created_at: datetime
    on_hand_after: int
    reserved_after: int


@dataclass
class Reservation(Aggregate):
    """A hold of one variant for an order."""

    order_id: UUID
    variant_id: UUID
    quantity: int
    expires_at: datetime
    state: ReservationState = ReservationState.ACTIVE


@dataclass
class StockItem(Aggregate):
    """A level that never changes without a movement."""

    variant_id: UUID
    sku: str
    threshold: int
    on_hand: int = 0
    reserved: int = 0
    sold: int = 0
    low: bool = False
    movements: list[Movement] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def opened(
        cls, variant_id: UUID, sku: str, *, threshold: int, on_hand: int, at: datetime
    ) -> StockItem:
        """Return the stock of a new variant; what it opens with has been received."""
        item = cls(variant_id, sku, threshold, low=on_hand <= threshold)
        if on_hand:
            item.adjust(on_hand, AdjustmentReason.RECEIVED, note="Opening stock", by=None, at=at)
        item.events.clear()
        return item

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    def reserve(self, quantity: int, *, order_id: UUID, at: datetime) -> None:
        if quantity > self.available:
            short = {"requested": quantity, "available": self.available}
            raise InsufficientStock([{"variant_id": self.variant_id} | short])
        self._move(0, quantity, RESERVED, at, order_id=order_id)

    def release(self, quantity: int, *, order_id: UUID, at: datetime, reason: str) -> None:
        self._move(0, -quantity, reason, at, order_id=order_id)

    def commit(self, quantity: int, *, order_id: UUID, at: datetime) -> None:
        self.sold += quantity
        self._move(-quantity, -quantity, SOLD, at, order_id=order_id)

    def adjust(
        self, delta: int, reason: AdjustmentReason, *, note: str, by: UUID | None, at: datetime
    ) -> None:
        """Count units in or out, never below what is promised."""
        if not delta:
            raise invalid("delta", "Must not be 0.")
        if self.on_hand + delta > MOST_UNITS:
            raise invalid("delta", f"The level cannot pass {MOST_UNITS}.")
        if self.on_hand + delta < self.reserved:
            raise StockCommitted(self.on_hand, self.reserved)
        self._move(delta, 0, reason, at, note=note, actor_id=by)

    def count(self, on_hand: int, *, by: UUID | None, at: datetime) -> None:
        """Set the level to what somebody counted; the ledger keeps the difference."""
        if on_hand != self.on_hand:
            delta, why = on_hand - self.on_hand, AdjustmentReason.CORRECTION
            self.adjust(delta, why, note="Counted", by=by, at=at)

    def warn_at(self, threshold: int) -> None:
        self.threshold = threshold
        self._watch()

    def _move(
        self,
        on_hand: int,
        reserved: int,
        reason: str,
        at: datetime,
        *,
        order_id: UUID | None = None,
        note: str = "",
        actor_id: UUID | None = None,
    ) -> None:
        was_out = not self.available
        self.on_hand += on_hand
        self.reserved += reserved
        if was_out and self.available:
            self.events.append(StockCameBack(self.variant_id, self.sku, self.available))
        self.movements.append(
            Movement(
                id=new_id(),
                variant_id=self.variant_id,
                on_hand_delta=on_hand,
                reserved_delta=reserved,
                reason=reason,
                order_id=order_id,
                note=note,
                actor_id=actor_id,
                created_at=at,
                on_hand_after=self.on_hand,
                reserved_after=self.reserved,
            )
        )
        self._watch()

    def _watch(self) -> None:
        was_low, self.low = self.low, self.available <= self.threshold
        if self.low and not was_low:
            self.events.append(
                StockRanLow(self.variant_id, self.sku, self.available, self.threshold)
            )
