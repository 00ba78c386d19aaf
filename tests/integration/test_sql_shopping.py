from typing import Any

import pytest
from sqlalchemy import event

from nexus.application.carts import guest
from nexus.application.catalog.products import RemoveProduct
from nexus.application.ports.work import StartWork
from nexus.domain.carts import Cart
from nexus.domain.shared import Stale, new_id
from tests.contracts.shopping import CartsContract, CouponsContract, OrdersContract
from tests.goods import NOON, order_of, put_on_sale
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlCarts(InPostgres, CartsContract):
    def test_opens_one_though_another_was_in_the_way_and_is_gone(self, shop: Shop) -> None:
        store, owner = shop.container.work, guest("their token")
        carts = [Cart(new_id(), "ETB", NOON, token_hash=owner.token_hash) for _ in range(2)]
        with store() as work:
            work.carts.open(carts[0])

        def check_out(db: Any, cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO carts"):
                with store() as meanwhile:
                    meanwhile.carts.take(owner)

        event.listen(shop.engine, "after_cursor_execute", check_out, once=True)
        with store() as work:
            work.carts.save(work.carts.open(carts[1]))

        with store() as work:
            mine = work.carts.lock(owner)
        assert mine
        assert mine.id == carts[1].id


class TestSqlCoupons(InPostgres, CouponsContract): ...


class TestSqlOrders(InPostgres, OrdersContract):
    def test_refuses_goods_that_were_removed_meanwhile(self, store: StartWork) -> None:
        order = order_of(store, put_on_sale(store))
        RemoveProduct(store, lambda: NOON)(product=str(order.lines[0].product_id), expected=None)

        with pytest.raises(Stale), store() as work:
            work.orders.add(order)
