import pytest

from nexus.application.catalog.products import RemoveProduct
from nexus.application.ports.work import StartWork
from nexus.domain.shared import Stale
from tests.contracts.shopping import CartsContract, CouponsContract, OrdersContract
from tests.goods import NOON, order_of, put_on_sale
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlCarts(InPostgres, CartsContract): ...


class TestSqlCoupons(InPostgres, CouponsContract): ...


class TestSqlOrders(InPostgres, OrdersContract):
    def test_refuses_goods_that_were_removed_meanwhile(self, store: StartWork) -> None:
        order = order_of(store, put_on_sale(store))
        RemoveProduct(store, lambda: NOON)(product=str(order.lines[0].product_id))

        with pytest.raises(Stale), store() as work:
            work.orders.add(order)
