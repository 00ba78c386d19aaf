"""Stock, and the places where it lies."""

from nexus.adapters.sql.queries.stock import SqlStockQueries
from nexus.application.inventory import AdjustStock, TransferStock
from nexus.application.locations import ChangeLocation, CreateLocation, RemoveLocation
from nexus.entrypoints.http.locations import locations_blueprint
from nexus.entrypoints.http.stock import stock_blueprint
from nexus.wiring.technology import Once, Technology


class Inventory(Technology):
    stock_queries = Once(SqlStockQueries, Technology.reader)
    create_location = Once(CreateLocation, start_work=Technology.work.provider)
    change_location = Once(
        ChangeLocation, start_work=Technology.work.provider, now=Technology.clock
    )
    remove_location = Once(
        RemoveLocation, start_work=Technology.work.provider, now=Technology.clock
    )
    adjust_stock = Once(AdjustStock, start_work=Technology.work.provider, now=Technology.clock)
    transfer_stock = Once(TransferStock, start_work=Technology.work.provider, now=Technology.clock)
    locations = Once(
        locations_blueprint,
        create_location=create_location,
        change_location=change_location,
        remove_location=remove_location,
        queries=stock_queries,
    )
    stock = Once(
        stock_blueprint,
        adjust_stock=adjust_stock,
        transfer_stock=transfer_stock,
        queries=stock_queries,
    )
