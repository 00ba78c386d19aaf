import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.domain.inventory import StockCameBack, StockRanLow
from tests.contracts.catalog import CategoriesContract, ProductsContract
from tests.contracts.inventory import StockContract, Told
from tests.contracts.locations import LocationsContract, PlacesContract


class InMemory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryCategories(InMemory, CategoriesContract): ...


class TestMemoryProducts(InMemory, ProductsContract): ...


class TestMemoryStock(InMemory, StockContract):
    @pytest.fixture
    def told(self, store: MemoryStore) -> Told:
        return lambda: [
            (it.name, it.available)
            for it in store.events
            if isinstance(it, StockRanLow | StockCameBack)
        ]


class TestMemoryLocations(InMemory, LocationsContract): ...


class TestMemoryPlaces(InMemory, PlacesContract): ...
