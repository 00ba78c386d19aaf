from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    insert,
    select,
)

from nexus.adapters.sql.catalog_tables import variants
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.reservations import RESERVE, SETTLE
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.inventory import (
    SOLD,
    AlreadyReserved,
    InsufficientStock,
    Movement,
    ReservationNotActive,
    ReservationState,
    StockCameBack,
    StockItem,
    StockNotFound,
    StockRanLow,
)

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
stock_movements = Table(
    "stock_movements",
    metadata,
    identity(),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("variant_id", ForeignKey("variants.id", ondelete="CASCADE"), nullable=False),
    Column("on_hand_delta", Integer, nullable=False),
    Column("reserved_delta", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("order_id", Uuid),
    Column("note", Text, nullable=False, server_default=""),
    Column("actor_id", Uuid),
    Column("created_at", Moment, nullable=False),
    Column("on_hand_after", Integer, nullable=False),
    Column("reserved_after", Integer, nullable=False),
    CheckConstraint("on_hand_delta <> 0 OR reserved_delta <> 0", name="delta"),
    CheckConstraint("reserved_after between 0 and on_hand_after", name="level"),
    Index("ix_stock_movements_variant_id", "variant_id", "number"),
    Index("ix_stock_movements_order_id", "order_id"),
)


class SqlStock(SqlRepository):
    def add(self, items: Sequence[StockItem]) -> None:
        rows = [_level(it) | {"variant_id": it.variant_id, "version": it.version} for it in items]
        self._db.execute(insert(stock_items), rows)
        if moves := [_move(move) for it in items for move in it.movements]:
            self._db.execute(insert(stock_movements), moves)
        for item in items:
            self._settled(item)

    def lock(self, variant_id: UUID) -> StockItem:
        query = select(stock_items, variants.c.sku).join(variants)
        row = self._db.execute(
            query.where(stock_items.c.variant_id == variant_id).with_for_update(of=stock_items)
        ).first()
        if row is None:
            raise StockNotFound(variant_id)
        return StockItem(**row._mapping)

    def save(self, item: StockItem) -> None:
        self._update(stock_items, item, item.variant_id, _level(item))
        if item.movements:
            self._db.execute(insert(stock_movements), [_move(it) for it in item.movements])
        self._settled(item)

    def _settled(self, item: StockItem) -> None:
        item.movements.clear()
        self._gather(item)

    def reserve(
        self, order_id: UUID, quantities: Mapping[UUID, int], *, until: datetime, at: datetime
    ) -> None:
        wanted = {"variant_ids": list(quantities), "quantities": list(quantities.values())}
        values = wanted | {"order_id": order_id, "until": until, "at": at}
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
        for it in lines:
            if it.came_back:
                self._happened.append(StockCameBack(it.variant_id, it.sku, it.available))


def _level(item: StockItem) -> Row:
    columns = ("on_hand", "reserved", "sold", "threshold", "low")
    return {name: getattr(item, name) for name in columns}


def _move(movement: Movement) -> Row:
    return {name: getattr(movement, name) for name in Movement.__slots__}


def _shortage(line: Any) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id,
        "requested": line.quantity,
        "available": line.available,
    }
