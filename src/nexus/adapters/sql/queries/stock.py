from typing import Any
from uuid import UUID

from sqlalchemy import select

from nexus.adapters.sql.queries.keyset import SortKey
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items, stock_movements
from nexus.application.ports.catalog import StockLevel
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.inventory import Movement, StockNotFound

_LATEST = (SortKey(stock_movements.c.number, falling=True),)


class SqlStockQueries(SqlQueries):
    def level(self, variant_id: UUID) -> StockLevel:
        it = stock_items.c
        query = select(it.on_hand, it.reserved, it.on_hand - it.reserved, it.threshold)
        row = self._first(query.where(it.variant_id == variant_id))
        if row is None:
            raise StockNotFound(variant_id)
        return StockLevel(*tuple(row))

    def movements(self, variant_id: UUID, page: PageWanted) -> Page[Movement]:
        self.level(variant_id)
        mine = stock_movements.c.variant_id == variant_id
        return self._page(select(stock_movements).where(mine), _LATEST, page, _movement)


def _movement(row: Any) -> Movement:
    return Movement(**{name: getattr(row, name) for name in Movement.__slots__})
