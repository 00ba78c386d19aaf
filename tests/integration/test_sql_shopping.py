import pytest

from nexus.application.ports.work import StartWork
from tests.contracts.shopping import CartsContract, CouponsContract, OrdersContract
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlCarts(InPostgres, CartsContract): ...


class TestSqlCoupons(InPostgres, CouponsContract): ...


class TestSqlOrders(InPostgres, OrdersContract): ...
