from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union
from sqlalchemy.dialects.postgresql import aggregate_order_by

from nexus.adapters.sql.catalog_tables import products, variants
from nexus.adapters.sql.locations import locations, named, stock_levels
from nexus.adapters.sql.queries.keyset import SortKey
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items, stock_movements
from nexus.application.ports.inventory import (
    LedgerFilter,
    LevelAt,
    ListedLocation,
    ListedMovement,
    ListedStock,
    StockFilter,
    StockLevel,
)
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.inventory import StockNotFound
from nexus.domain.ledger import Movement
from nexus.domain.locations import LocationNotFound

IN_TURN = (locations.c.priority, locations.c.id)
_SHOWN = [locations.c[it.name] for it in fields(ListedLocation)]

_LATEST = (SortKey(stock_movements.c.number, falling=True),)
_there = stock_levels.alias("there")
_NEWEST = (SortKey(stock_items.c.variant_id, falling=True),)


class SqlStockQueries(SqlQueries):
    def locations(self) -> Sequence[ListedLocation]:
        there = select(*_SHOWN).where(locations.c.removed_at.is_(None))
        return [ListedLocation(*tuple(row)) for row in self._all(there.order_by(*IN_TURN))]

    def location(self, location_id: UUID) -> ListedLocation:
        row = self._first(select(*_SHOWN).where(named(str(location_id))))
        if row is None:
            raise LocationNotFound(str(location_id))
        return ListedLocation(*tuple(row))

    def level(self, variant_id: UUID) -> StockLevel:
        it = stock_items.c
        query = select(it.on_hand, it.reserved, it.threshold, _places())
        row = self._first(query.where(it.variant_id == variant_id))
        if row is None:
            raise StockNotFound(variant_id)
        return _level(row)

    def item(self, variant_id: UUID) -> ListedStock | None:
        row = self._first(_items().where(stock_items.c.variant_id == variant_id))
        return row and _listed(row)

    def levels(self, which: StockFilter, page: PageWanted) -> Page[ListedStock]:
        found = _items()
        if which.location is not None:
            found = found.join(_there, _there.c.variant_id == stock_items.c.variant_id)
        return self._page(found.where(*_conditions(which)), _NEWEST, page, _listed)

    def movements(self, which: LedgerFilter, page: PageWanted) -> Page[ListedMovement]:
        place = locations.c.id == stock_movements.c.location_id
        found = select(stock_movements, locations.c.code).join(locations, place)
        return self._page(found.where(*_in_ledger(which)), _LATEST, page, _movement)


def _items() -> Select[Any]:
    beside = (variants.c.product_id, variants.c.sku, products.c.name)
    shown = select(stock_items, _places(), *beside)
    return shown.select_from(stock_items.outerjoin(variants).outerjoin(products))


def _places() -> ColumnElement[Any]:
    """Gather where a variant lies, in the order in which the places serve."""
    it = stock_levels.c
    parts = (it.location_id, locations.c.code, it.on_hand, it.reserved, it.is_offered)
    each = aggregate_order_by(func.jsonb_build_array(*parts), *IN_TURN)
    lies = select(func.coalesce(func.jsonb_agg(each), func.jsonb_build_array()))
    mine = (it.variant_id == stock_items.c.variant_id) & locations.c.removed_at.is_(None)
    return (
        lies.select_from(stock_levels.join(locations)).where(mine).scalar_subquery().label("places")
    )


def _id_of(key: str) -> ColumnElement[Any]:
    return select(locations.c.id).where(named(key)).scalar_subquery()


def _conditions(which: StockFilter) -> Iterator[ColumnElement[bool]]:
    if which.low is not None:
        yield stock_items.c.low if which.low else ~stock_items.c.low
    if which.location is not None:
        yield _there.c.location_id == _id_of(which.location)
    if which.search:
        sku = func.lower(variants.c.sku).startswith(which.search.lower(), autoescape=True)
        words = products.c.search.op("@@")(func.nexus_words(which.search))
        ids = select(variants.c.id)
        yield stock_items.c.variant_id.in_(union(ids.where(sku), ids.join(products).where(words)))


def _in_ledger(which: LedgerFilter) -> Iterator[ColumnElement[bool]]:
    it = stock_movements.c
    if which.variant is not None:
        yield it.variant_id == which.variant
    if which.location is not None:
        yield it.location_id == _id_of(which.location)
    if which.reason is not None:
        yield it.reason == which.reason
    if which.order is not None:
        yield it.order_id == which.order
    if which.created_after is not None:
        yield it.created_at > which.created_after


def _level(row: Any) -> StockLevel:
    available = row.on_hand - row.reserved
    return StockLevel(row.on_hand, row.reserved, available, row.threshold, _lies_at(row.places))


def _lies_at(places: Sequence[Any]) -> tuple[LevelAt, ...]:
    return tuple(
        LevelAt(UUID(id_), code, on_hand, reserved, on_hand - reserved if is_offered else 0)
        for id_, code, on_hand, reserved, is_offered in places
    )


def _listed(row: Any) -> ListedStock:
    return ListedStock(
        variant_id=row.variant_id,
        product_id=row.product_id,
        name=row.name,
        sku=row.sku,
        on_hand=row.on_hand,
        reserved=row.reserved,
        available=row.on_hand - row.reserved,
        low_stock_threshold=row.threshold,
        is_low=row.low,
        locations=_lies_at(row.places),
    )


def _movement(row: Any) -> ListedMovement:
    moved = {name: getattr(row, name) for name in Movement.__slots__}
    return ListedMovement(**moved, location=row.code)
