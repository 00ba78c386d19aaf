from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.domain.inventory import (
    AlreadyReserved,
    InsufficientStock,
    Movement,
    Reservation,
    ReservationNotActive,
    ReservationState,
    StockItem,
    StockNotFound,
)
from nexus.domain.shared import Aggregate


@dataclass
class Ledger(Aggregate):
    """The movements of one variant, in order."""

    movements: list[Movement] = field(default_factory=list)


class MemoryStock:
    def __init__(self, tables: Tables) -> None:
        self._items = tables.table("stock_items")
        self._ledgers = tables.table("stock_movements")
        self._reservations = tables.table("reservations")

    def add(self, items: Sequence[StockItem]) -> None:
        for item in items:
            self._write_down(item)
            self._items.insert(item.variant_id, item)

    def save(self, item: StockItem) -> None:
        self._write_down(item)
        self._items.update(item.variant_id, item)

    def _write_down(self, item: StockItem) -> None:
        ledger = self._ledgers.get(item.variant_id) or Ledger()
        ledger.movements += item.movements
        item.movements.clear()
        self._ledgers.insert(item.variant_id, ledger)

    def lock(self, variant_id: UUID) -> StockItem:
        item: StockItem | None = self._items.get(variant_id)
        if item is None:
            raise StockNotFound(variant_id)
        return item

    def reserve(
        self, order_id: UUID, quantities: Mapping[UUID, int], *, until: datetime, at: datetime
    ) -> None:
        self._require_all(quantities)
        for variant_id, quantity in quantities.items():
            held = self._reservations.get((order_id, variant_id))
            if held and held.state is not ReservationState.RELEASED:
                raise AlreadyReserved(order_id)
            item = self.lock(variant_id)
            item.reserve(quantity, order_id=order_id, at=at)
            self.save(item)
            self._reservations.insert(
                (order_id, variant_id), Reservation(order_id, variant_id, quantity, until)
            )

    def _require_all(self, quantities: Mapping[UUID, int]) -> None:
        there = {id_: self._items.get(id_) for id_ in sorted(quantities)}
        available = {id_: it.available if it else 0 for id_, it in there.items()}
        short = [
            {"variant_id": id_, "requested": quantities[id_], "available": available[id_]}
            for id_ in available
            if quantities[id_] > available[id_]
        ]
        if short:
            raise InsufficientStock(short)

    def commit(self, order_id: UUID, *, at: datetime) -> None:
        for held in self._active(order_id):
            item = self.lock(held.variant_id)
            item.commit(held.quantity, order_id=order_id, at=at)
            self._settle(item, held, ReservationState.CONSUMED)

    def release(self, order_id: UUID, *, at: datetime, reason: str) -> None:
        for held in self._active(order_id):
            item = self.lock(held.variant_id)
            item.release(held.quantity, order_id=order_id, at=at, reason=reason)
            self._settle(item, held, ReservationState.RELEASED)

    def _active(self, order_id: UUID) -> list[Reservation]:
        active = ReservationState.ACTIVE
        held = self._reservations.where(lambda it: it.order_id == order_id and it.state is active)
        if not held:
            raise ReservationNotActive(order_id)
        return held

    def _settle(self, item: StockItem, held: Reservation, state: ReservationState) -> None:
        self.save(item)
        held.state = state
        self._reservations.insert((held.order_id, held.variant_id), held)
