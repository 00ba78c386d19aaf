import pytest

from nexus.application.ports.work import StartWork
from tests.contracts.catalog import CategoriesContract, ProductsContract
from tests.contracts.inventory import StockContract, Told
from tests.contracts.locations import LocationsContract, PlacesContract
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlCategories(InPostgres, CategoriesContract): ...


class TestSqlProducts(InPostgres, ProductsContract): ...


class TestSqlStock(InPostgres, StockContract):
    @pytest.fixture
    def told(self, shop: Shop) -> Told:
        query = "SELECT name, (data->>'available')::int FROM outbox WHERE name LIKE 'stock.%'"
        return lambda: [tuple(row) for row in shop.all(f"{query} ORDER BY id")]


class TestSqlLocations(InPostgres, LocationsContract): ...


class TestSqlPlaces(InPostgres, PlacesContract): ...
