from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.domain.inventory import (
    InsufficientStock,
    StockCommitted,
    StockItem,
    StockNotFound,
)
from nexus.domain.ledger import (
    AlreadyReserved,
    Movement,
    Reservation,
    ReservationNotActive,
    ReservationState,
)
from nexus.domain.locations import Level, Location, LocationNotFound, drawn
from nexus.domain.shared import Aggregate, AlreadyExists


class MemoryLocations:
    def __init__(self, tables: Tables) -> None:
        self._locations = tables.table("locations")

    def add(self, location: Location) -> None:
        self._check(location)
        self._locations.insert(location.id, location)

    def save(self, location: Location) -> None:
        self._check(location)
        self._locations.update(location.id, location)

    def _check(self, location: Location) -> None:
        found = self._by_key(location.code)
        if found and found.id != location.id:
            raise AlreadyExists("code")

    def _by_key(self, key: str) -> Location | None:
        return self._locations.first(lambda it: not it.removed_at and key in (str(it.id), it.code))

    def lock(self, key: str) -> Location:
        location = self._by_key(key)
        if location is None:
            raise LocationNotFound(key)
        return location

    def lock_as_it_is(self, key: str) -> Location:
        return self.lock(key)


@dataclass
class Ledger(Aggregate):
    """The movements of one variant, in order."""

    movements: list[Movement] = field(default_factory=list)


class MemoryStock:
    def __init__(self, tables: Tables) -> None:
        self._items = tables.table("stock_items")
        self._locations = tables.table("locations")
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
        serving = sorted(item.levels, key=self._turn)
        item.levels = {id_: item.levels[id_] for id_ in serving}
        return item

    def lock_all(self, variant_ids: Collection[UUID]) -> list[StockItem]:
        return [self.lock(it) for it in sorted(variant_ids) if self._items.get(it)]

    def save_all(self, items: Sequence[StockItem]) -> None:
        for item in items:
            self.save(item)

    def _turn(self, location_id: UUID) -> tuple[int, UUID]:
        (location,) = self._locations.where(lambda it: it.id == location_id)
        return location.priority, location_id

    def reserve(
        self, order_id: UUID, quantities: Mapping[UUID, int], *, until: datetime, at: datetime
    ) -> None:
        wanted = {id_: quantities[id_] for id_ in sorted(quantities)}
        items = {id_: self.lock(id_) for id_ in wanted if self._items.get(id_)}
        _require_all(wanted, items)
        if self._held(order_id, ReservationState.ACTIVE, ReservationState.CONSUMED):
            raise AlreadyReserved(order_id)
        for variant_id, parts in drawn(wanted, _levels(items)).items():
            items[variant_id].reserve(parts, order_id=order_id, at=at)
            self.save(items[variant_id])
            for place_id, part in parts.items():
                key = (order_id, variant_id, place_id)
                self._reservations.insert(key, Reservation(*key, part, until))

    def commit(self, order_id: UUID, *, at: datetime) -> None:
        for item, parts in self._settled(order_id, ReservationState.CONSUMED):
            item.commit(parts, order_id=order_id, at=at)
            self.save(item)

    def release(self, order_id: UUID, *, at: datetime, reason: str) -> None:
        for item, parts in self._settled(order_id, ReservationState.RELEASED):
            item.release(parts, order_id=order_id, at=at, reason=reason)
            self.save(item)

    def _settled(
        self, order_id: UUID, state: ReservationState
    ) -> list[tuple[StockItem, dict[UUID, int]]]:
        """End what the order holds; return what it was."""
        active = self._held(order_id, ReservationState.ACTIVE)
        if not active:
            raise ReservationNotActive(order_id)
        parts: dict[UUID, dict[UUID, int]] = {}
        for held in active:
            held.state = state
            key = (order_id, held.variant_id, held.location_id)
            self._reservations.insert(key, held)
            parts.setdefault(held.variant_id, {})[held.location_id] = held.quantity
        return [(self.lock(id_), each) for id_, each in parts.items()]

    def _held(self, order_id: UUID, *states: ReservationState) -> list[Reservation]:
        return self._reservations.where(lambda it: it.order_id == order_id and it.state in states)

    def lies_at(self, location_id: UUID) -> bool:
        return any(it.levels[location_id].on_hand for it in self._items_at(location_id))

    def offer(self, location_id: UUID, *, at: datetime, is_offered: bool) -> None:
        items = self._items_at(location_id)
        levels = [it.levels[location_id] for it in items]
        if reserved := sum(it.reserved for it in levels):
            raise StockCommitted(sum(it.on_hand for it in levels), reserved)
        for item in items:
            item.offer(location_id, at=at, is_offered=is_offered)
            self.save(item)

    def _items_at(self, location_id: UUID) -> list[StockItem]:
        return self._items.where(lambda it: location_id in it.levels)


def _levels(items: Mapping[UUID, StockItem]) -> dict[UUID, list[Level]]:
    return {id_: list(it.levels.values()) for id_, it in items.items()}


def _require_all(wanted: Mapping[UUID, int], items: Mapping[UUID, StockItem]) -> None:
    available = {id_: items[id_].available if id_ in items else 0 for id_ in wanted}
    short = [
        {"variant_id": id_, "requested": quantity, "available": available[id_]}
        for id_, quantity in wanted.items()
        if quantity > available[id_]
    ]
    if short:
        raise InsufficientStock(short)
