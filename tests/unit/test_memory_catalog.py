import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.catalog import CategoriesContract, ProductsContract
from tests.contracts.inventory import StockContract


class InMemory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryCategories(InMemory, CategoriesContract): ...


class TestMemoryProducts(InMemory, ProductsContract): ...


class TestMemoryStock(InMemory, StockContract): ...
