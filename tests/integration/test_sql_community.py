import pytest

from nexus.application.ports.work import StartWork
from tests.contracts.community import ReviewsContract, StockAlertsContract, WishlistsContract
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlReviews(InPostgres, ReviewsContract): ...


class TestSqlWishlists(InPostgres, WishlistsContract): ...


class TestSqlStockAlerts(InPostgres, StockAlertsContract): ...
