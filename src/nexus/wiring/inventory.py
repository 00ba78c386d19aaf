"""Stock, and the places where it lies."""

from nexus.adapters.sql.queries.stock import SqlStockQueries
from nexus.application.inventory import AdjustStock
from nexus.entrypoints.http.stock import stock_blueprint
from nexus.wiring.technology import Once, Technology


class Inventory(Technology):
    adjust_stock = Once(AdjustStock, start_work=Technology.work.provider, now=Technology.clock)
    stock = Once(
        stock_blueprint, adjust_stock=adjust_stock, queries=Once(SqlStockQueries, Technology.reader)
    )
