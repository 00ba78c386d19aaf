from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items, stock_movements
from nexus.application.ports.catalog import StockLevel
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.inventory import Movement, StockNotFound


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
        latest = select(stock_movements).where(mine).order_by(stock_movements.c.number.desc())
        rows = self._all(latest.limit(page.size).offset(page.offset))
        count = self._first(select(func.count()).select_from(stock_movements).where(mine))
        return Page(tuple(_movement(row) for row in rows), count[0] if count else 0)


def _movement(row: Any) -> Movement:
    return Movement(**{name: getattr(row, name) for name in Movement.__slots__})
