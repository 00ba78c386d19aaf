import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.community import ReviewsContract, StockAlertsContract, WishlistsContract


class InMemory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryReviews(InMemory, ReviewsContract): ...


class TestMemoryWishlists(InMemory, WishlistsContract): ...


class TestMemoryStockAlerts(InMemory, StockAlertsContract): ...
