from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from nexus.adapters.sql.catalog_tables import variants
from nexus.adapters.sql.locations import locations, stock_levels
from nexus.adapters.sql.repository import Row, SqlRepository, given_rows
from nexus.adapters.sql.reservations import OFFER, RESERVE, SETTLE
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.inventory import (
    InsufficientStock,
    StockCameBack,
    StockCommitted,
    StockItem,
    StockNotFound,
    StockRanLow,
)
from nexus.domain.ledger import (
    CLOSED,
    REOPENED,
    SOLD,
    AlreadyReserved,
    Movement,
    ReservationNotActive,
    ReservationState,
)
from nexus.domain.locations import Level

stock_items = Table(
    "stock_items",
    metadata,
    Column("variant_id", ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("sold", BigInteger, nullable=False, server_default="0"),
    Column("threshold", Integer, nullable=False),
    Column("low", Boolean, nullable=False),
    version(),
    CheckConstraint("reserved between 0 and on_hand", name="reserved"),
)
Index("ix_stock_items_low", stock_items.c.variant_id, postgresql_where=stock_items.c.low)
stock_movements = Table(
    "stock_movements",
    metadata,
    identity(),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("on_hand_delta", Integer, nullable=False),
    Column("reserved_delta", Integer, nullable=False),
    Column("total_delta", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("order_id", Uuid),
    Column("note", Text, nullable=False, server_default=""),
    Column("actor_id", Uuid),
    Column("created_at", Moment, nullable=False),
    Column("on_hand_after", Integer, nullable=False),
    Column("reserved_after", Integer, nullable=False),
    # The level's row is locked by whoever writes here, so that asking after it waits for nobody.
    ForeignKeyConstraint(
        ["variant_id", "location_id"],
        ["stock_levels.variant_id", "stock_levels.location_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("on_hand_delta <> 0 OR reserved_delta <> 0 OR total_delta <> 0", name="delta"),
    CheckConstraint("reserved_after between 0 and on_hand_after", name="level"),
    Index("ix_stock_movements_number", "number"),
    Index("ix_stock_movements_variant_id", "variant_id", "number"),
    Index("ix_stock_movements_location_id", "location_id", "number"),
    Index("ix_stock_movements_order_id", "order_id"),
)

_LEVEL = upsert(stock_levels).from_select(stock_levels.c.keys(), select(given_rows(stock_levels.c)))
PUT_LEVELS = _LEVEL.on_conflict_do_update(
    index_elements=["variant_id", "location_id"],
    set_={name: _LEVEL.excluded[name] for name in ("on_hand", "reserved", "is_offered")},
)


class SqlStock(SqlRepository):
    def add(self, items: Sequence[StockItem]) -> None:
        rows = [_total(it) | {"variant_id": it.variant_id, "version": it.version} for it in items]
        self._insert_rows(stock_items, rows)
        self._write_down(items)

    def lock(self, variant_id: UUID) -> StockItem:
        for item in self.lock_all([variant_id]):
            return item
        raise StockNotFound(variant_id)

    def lock_all(self, variant_ids: Collection[UUID]) -> list[StockItem]:
        query = select(stock_items, variants.c.sku).join(variants)
        mine = query.where(stock_items.c.variant_id.in_(variant_ids))
        in_turn = mine.order_by(stock_items.c.variant_id).with_for_update(of=stock_items)
        rows = self._db.execute(in_turn).all()
        levels = self._levels(variant_ids) if rows else {}
        return [StockItem(**row._mapping, levels=levels.get(row.variant_id, {})) for row in rows]

    def _levels(self, variant_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Level]]:
        """Ask once the totals are locked: nobody else changes them now."""
        it, turn = stock_levels.c, (locations.c.priority, locations.c.id)
        query = select(it.variant_id, it.location_id, it.on_hand, it.reserved, it.is_offered)
        found = query.join(locations).where(it.variant_id.in_(variant_ids)).order_by(*turn)
        levels: dict[UUID, dict[UUID, Level]] = {}
        for variant_id, *level in self._db.execute(found):
            levels.setdefault(variant_id, {})[level[0]] = Level(*level)
        return levels

    def save(self, item: StockItem) -> None:
        self.save_all([item])

    def save_all(self, items: Sequence[StockItem]) -> None:
        rows = [_total(it) | {"variant_id": it.variant_id} for it in items]
        self._update_all(stock_items, items, rows)
        self._write_down(items)

    def _write_down(self, items: Sequence[StockItem]) -> None:
        if levels := [row for it in items for row in _levels(it)]:
            self._db.execute(PUT_LEVELS, {"rows": levels})
        self._insert_rows(stock_movements, [_move(it) for each in items for it in each.movements])
        for item in items:
            item.movements.clear()
            self._gather(item)

    def reserve(
        self, order_id: UUID, quantities: Mapping[UUID, int], *, until: datetime, at: datetime
    ) -> None:
        wanted = {"variant_ids": list(quantities), "quantities": list(quantities.values())}
        values = wanted | {"order_id": order_id, "until": until, "at": at}
        lines = self._db.execute(RESERVE, values).all()
        if any(it.drawn < it.quantity <= it.available for it in lines):
            # What lay at one place lies now at one that was new while this work waited; now that
            # the totals are locked, it sees all of them.
            lines = self._db.execute(RESERVE, values).all()
        if short := [_shortage(it) for it in lines if it.quantity > it.available]:
            raise InsufficientStock(short)
        if not all(it.is_kept for it in lines):
            raise AlreadyReserved(order_id)
        for it in lines:
            if it.ran_low:
                left = it.available - it.quantity
                self._happened.append(StockRanLow(it.variant_id, it.sku, left, it.threshold))

    def commit(self, order_id: UUID, *, at: datetime) -> None:
        self._settle(order_id, at, SOLD, ReservationState.CONSUMED, taken=1)

    def release(self, order_id: UUID, *, at: datetime, reason: str) -> None:
        self._settle(order_id, at, reason, ReservationState.RELEASED, taken=0)

    def _settle(
        self, order_id: UUID, at: datetime, reason: str, state: ReservationState, *, taken: int
    ) -> None:
        values = {"order_id": order_id, "at": at, "reason": reason, "state": state, "taken": taken}
        lines = self._db.execute(SETTLE, values).all()
        if not lines:
            raise ReservationNotActive(order_id)
        self._tell(lines)

    def lies_at(self, location_id: UUID) -> bool:
        there = stock_levels.c.on_hand > 0
        query = select(stock_levels.c.variant_id).where(_at(location_id), there)
        return bool(self._db.execute(select(query.exists())).scalar())

    def offer(self, location_id: UUID, *, at: datetime, is_offered: bool) -> None:
        totals = select(stock_items.c.variant_id).join(stock_levels).where(_at(location_id))
        in_turn = totals.order_by(stock_items.c.variant_id)
        self._db.execute(in_turn.with_for_update(of=stock_items))
        sums = (func.sum(stock_levels.c.on_hand), func.sum(stock_levels.c.reserved))
        on_hand, reserved = self._db.execute(select(*sums).where(_at(location_id))).one()
        if reserved:
            raise StockCommitted(on_hand, reserved)
        values = {"location_id": location_id, "is_offered": is_offered, "at": at}
        reason = REOPENED if is_offered else CLOSED
        self._tell(self._db.execute(OFFER, values | {"reason": reason}))

    def _tell(self, lines: Iterable[Any]) -> None:
        for it in lines:
            if it.came_back:
                self._happened.append(StockCameBack(it.variant_id, it.sku, it.available))
            if it.ran_low:
                low = StockRanLow(it.variant_id, it.sku, it.available, it.threshold)
                self._happened.append(low)


def _at(location_id: UUID) -> ColumnElement[bool]:
    return stock_levels.c.location_id == location_id


def _total(item: StockItem) -> Row:
    columns = ("on_hand", "reserved", "sold", "threshold", "low")
    return {name: getattr(item, name) for name in columns}


def _levels(item: StockItem) -> list[Row]:
    return [asdict(it) | {"variant_id": item.variant_id} for it in item.levels.values()]


def _move(movement: Movement) -> Row:
    return {name: getattr(movement, name) for name in Movement.__slots__}


def _shortage(line: Any) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id,
        "requested": line.quantity,
        "available": line.available,
    }
