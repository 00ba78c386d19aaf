import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.shopping import CartsContract, CouponsContract, OrdersContract


class InMemory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryCarts(InMemory, CartsContract): ...


class TestMemoryCoupons(InMemory, CouponsContract): ...


class TestMemoryOrders(InMemory, OrdersContract): ...
