"""What every store of carts, coupons and orders promises."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nexus.application.ports.shopping import CartOwner
from nexus.application.ports.work import StartWork
from nexus.domain.carts import Cart
from nexus.domain.coupons import Coupon, CouponLost, CouponNotFound, DiscountType
from nexus.domain.order_statuses import OrderStatus, PaymentStatus
from nexus.domain.orders import Order, OrderNotFound
from nexus.domain.shared import AlreadyExists, Money, Stale, new_id
from tests.goods import NOON, order_of, put_on_sale

HANA = CartOwner(token_hash="a" * 64)
OTHER = CartOwner(token_hash="b" * 64)


def cart(owner: CartOwner = HANA) -> Cart:
    return Cart(new_id(), "ETB", NOON, owner.customer_id, owner.token_hash)


def coupon(code: str = "TEN", **terms) -> Coupon:
    return Coupon(new_id(), code, DiscountType.PERCENTAGE, 10_00, "ETB", NOON, **terms)


class CartsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_returns_a_cart_as_it_was_saved(self, store: StartWork) -> None:
        mug = put_on_sale(store)
        with store() as work:
            mine = work.carts.open(cart())
            mine.add(mug, 2, price=Money(100_00), available=5, most=9)
            mine.coupon_codes.append("TEN")
            work.carts.save(mine)

        with store() as work:
            assert work.carts.lock(HANA) == mine

    def test_gives_an_owner_one_cart_and_no_other(self, store: StartWork) -> None:
        with store() as work:
            first = work.carts.open(cart())
            assert work.carts.open(cart()).id == first.id
            assert work.carts.lock(OTHER) is None

    def test_is_taken_once(self, store: StartWork) -> None:
        with store() as work:
            opened = work.carts.open(cart())

        with store() as work:
            assert work.carts.take(HANA) == opened
            assert work.carts.take(HANA) is None

    def test_is_given_back_when_the_work_fails(self, store: StartWork) -> None:
        with store() as work:
            work.carts.open(cart())

        with suppress(ZeroDivisionError), store() as work:
            work.carts.take(HANA)
            raise ZeroDivisionError

        with store() as work:
            assert work.carts.lock(HANA)

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork) -> None:
        with store() as work:
            stale = work.carts.open(cart())
        with store() as work:
            fresh = work.carts.lock(HANA)
            assert fresh
            work.carts.save(fresh)

        with pytest.raises(Stale), store() as work:
            work.carts.save(stale)


class CouponsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def kept(self, store: StartWork, *coupons: Coupon) -> None:
        with store() as work:
            for it in coupons:
                work.coupons.add(it)

    def redeemed(self, store: StartWork, code: str, buyer: str = "hana") -> UUID:
        order = order_of(store, put_on_sale(store))
        with store() as work:
            work.coupons.lock_with_uses([code], buyer=buyer)
            work.orders.add(order)
            work.coupons.redeem(order.id, buyer=buyer, amounts={code: Money(10_00)})
        return order.id

    def test_returns_a_coupon_as_it_was_added(self, store: StartWork) -> None:
        ten = coupon(
            min_purchase=Money(5_00),
            max_discount=Money(7_00),
            max_uses=3,
            valid_from=NOON,
            valid_to=NOON + timedelta(days=1),
            product_ids=frozenset({new_id()}),
        )
        self.kept(store, ten)

        with store() as work:
            assert work.coupons.lock(ten.id) == ten
            assert work.coupons.with_uses(["TEN"], buyer="hana") == ([ten], {"TEN": 0})

    def test_answers_in_the_order_of_the_codes(self, store: StartWork) -> None:
        self.kept(store, coupon("A"), coupon("B"))

        with store() as work:
            found, _ = work.coupons.with_uses(["B", "NONE", "A"], buyer="")

        assert [it.code for it in found] == ["B", "A"]

    def test_refuses_a_code_that_is_taken(self, store: StartWork) -> None:
        self.kept(store, coupon())

        with pytest.raises(AlreadyExists) as refusal:
            self.kept(store, coupon())

        assert refusal.value.field == "code"

    def test_counts_uses_up_to_the_limit(self, store: StartWork) -> None:
        self.kept(store, coupon(max_uses=2))
        self.redeemed(store, "TEN", "hana")
        self.redeemed(store, "TEN", "sara")

        with pytest.raises(CouponLost):
            self.redeemed(store, "TEN", "musa")

        with store() as work:
            (ten,), uses = work.coupons.with_uses(["TEN"], buyer="hana")
        assert (ten.used_count, uses) == (2, {"TEN": 1})

    def test_counts_a_buyers_uses_apart(self, store: StartWork) -> None:
        self.kept(store, coupon(max_uses_per_customer=1))
        self.redeemed(store, "TEN", "hana")
        self.redeemed(store, "TEN", "sara")

        with pytest.raises(CouponLost):
            self.redeemed(store, "TEN", "hana")

    def test_takes_a_use_back_once(self, store: StartWork) -> None:
        self.kept(store, coupon(max_uses=1))
        order_id = self.redeemed(store, "TEN")

        for _ in range(2):
            with store() as work:
                work.coupons.give_back(order_id)

        with store() as work:
            (ten,), uses = work.coupons.with_uses(["TEN"], buyer="hana")
        assert (ten.used_count, uses) == (0, {"TEN": 0})

    def test_forgets_one_that_was_removed(self, store: StartWork) -> None:
        ten = coupon()
        self.kept(store, ten)

        with store() as work:
            assert not work.coupons.was_used(ten.id)
            work.coupons.remove(ten)

        with store() as work, pytest.raises(CouponNotFound):
            work.coupons.lock(ten.id)


class OrdersContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def placed(self, store: StartWork) -> Order:
        order = order_of(store, put_on_sale(store))
        with store() as work:
            work.orders.add(order)
        return order

    def test_returns_an_order_as_it_was_added(self, store: StartWork) -> None:
        order = self.placed(store)

        with store() as work:
            assert work.orders.lock(order.id) == order

    def test_numbers_orders_in_a_row(self, store: StartWork) -> None:
        first, second = (self.placed(store).number for _ in range(2))

        assert first.startswith("NX-2026-")
        assert int(second[-6:]) == int(first[-6:]) + 1

    def test_keeps_what_is_saved(self, store: StartWork) -> None:
        order = self.placed(store)
        with store() as work:
            locked = work.orders.lock(order.id)
            locked.paid(NOON)
            work.orders.save(locked)

        with store() as work:
            paid = work.orders.lock(order.id)
        assert (paid.status, paid.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
        assert paid == locked

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork) -> None:
        order = self.placed(store)
        with store() as work:
            work.orders.save(work.orders.lock(order.id))

        with pytest.raises(Stale), store() as work:
            work.orders.save(replace(order, events=[], news=[]))

    def test_knows_what_has_expired(self, store: StartWork) -> None:
        order = self.placed(store)
        later = datetime(2027, 1, 1, tzinfo=UTC)

        with store() as work:
            assert work.orders.expired(at=NOON, limit=9) == []
            assert work.orders.expired(at=later, limit=9) == [order.id]

    def test_refuses_an_unknown_one(self, store: StartWork) -> None:
        with store() as work, pytest.raises(OrderNotFound):
            work.orders.lock(new_id())
