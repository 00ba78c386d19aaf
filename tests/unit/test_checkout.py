"""Carts and checkout as a shopper meets them, on a shop in memory."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.adapters.seals import HmacSeals
from nexus.application.carts import (
    AddToCart,
    ApplyCoupon,
    ClaimGuestCart,
    NotForSale,
    SetQuantity,
    guest,
)
from nexus.application.checkout import Choice, PlaceOrder
from nexus.application.coupons import ChangeCoupon, CreateCoupon, RemoveCoupon, ValidateCoupon
from nexus.application.orders import ExpireOrders
from nexus.application.ports.shopping import CartOwner
from nexus.application.pricing import PriceChanged, Pricing, SealedQuotes
from nexus.domain.carts import CartIsEmpty, CartLineNotFound
from nexus.domain.coupons import CouponLost, CouponRefused, DiscountType, Refusal
from nexus.domain.inventory import InsufficientStock
from nexus.domain.order_statuses import IllegalTransition, OrderStatus, PaymentStatus
from nexus.domain.orders import Buyer, Order, OrderNotPayable, OrderPlaced
from nexus.domain.pricing import ShippingMethod, TaxRule
from nexus.domain.shared import Money, ValidationFailed, new_id
from nexus.domain.users import EmailNotVerified
from tests.goods import HOME, NOON, order_of, put_on_sale

HANA = guest("h" * 40)
BUYER = Buyer("hana@example.com")
FLAT = ShippingMethod("standard", "Standard", Money(150_00), 3)
PRICING = Pricing("ETB", TaxRule(Decimal("0.15")), (FLAT,), most_coupons=3)
HALF_AN_HOUR = timedelta(minutes=30)


class Till:
    """The use cases of one shop at one time."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.time = NOON
        self.quotes = SealedQuotes(HmacSeals("key"), self.now, timedelta(minutes=15))
        self.put_in = AddToCart(self.store, self.now, "ETB", 999)
        self.set_quantity = SetQuantity(self.store, self.now, 999)
        self.apply = ApplyCoupon(self.store, self.now, PRICING)
        self.order = PlaceOrder(self.store, self.now, PRICING, self.quotes, HALF_AN_HOUR)
        self.expire = ExpireOrders(self.store, self.now, settle=lambda order_id: False)

    def now(self) -> datetime:
        return self.time

    def coupon(self, code: str = "TEN", **terms) -> UUID:
        create = CreateCoupon(self.store, self.now, "ETB")
        kind = {"discount_type": DiscountType.PERCENTAGE, "discount_value": 10_00}
        return create(code=code, **kind | terms)

    def check_out(self, owner: CartOwner = HANA, **choice) -> Order:
        order_id = self.order(owner=owner, buyer=BUYER, choice=Choice(HOME, **choice))
        with self.store() as work:
            return work.orders.lock(order_id)

    def cart(self, owner: CartOwner = HANA) -> dict[UUID, int]:
        with self.store() as work:
            found = work.carts.lock(owner)
            return found.quantities if found else {}

    def level(self, variant_id: UUID) -> tuple[int, int]:
        with self.store() as work:
            item = work.stock.lock(variant_id)
            return item.on_hand, item.reserved


@pytest.fixture
def till() -> Till:
    return Till()


class TestAddToCart:
    def test_makes_a_cart_when_there_is_none(self, till: Till) -> None:
        mug = put_on_sale(till.store)

        till.put_in(owner=HANA, variant_id=mug, quantity=2)
        till.put_in(owner=HANA, variant_id=mug, quantity=1)

        assert till.cart() == {mug: 3}

    def test_refuses_what_is_not_sold(self, till: Till) -> None:
        with pytest.raises(NotForSale):
            till.put_in(owner=HANA, variant_id=new_id(), quantity=1)
        with pytest.raises(NotForSale):
            till.put_in(owner=HANA, product="nothing", quantity=1)

    def test_refuses_more_than_there_is(self, till: Till) -> None:
        mug = put_on_sale(till.store, stock=2)

        with pytest.raises(InsufficientStock) as refusal:
            till.put_in(owner=HANA, variant_id=mug, quantity=3)

        assert refusal.value.members()["available"] == 2
        assert till.cart() == {}

    def test_refuses_a_line_of_another_cart(self, till: Till) -> None:
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)

        with pytest.raises(CartLineNotFound):
            till.set_quantity(owner=guest("o" * 40), item_id=new_id(), quantity=1)


class TestClaimGuestCart:
    def test_loses_nothing_and_happens_once(self, till: Till) -> None:
        mug, cup = put_on_sale(till.store, stock=5), put_on_sale(till.store)
        sara = new_id()
        customer = CartOwner(customer_id=sara)
        claim = ClaimGuestCart(till.store, till.now, 999)
        till.put_in(owner=HANA, variant_id=mug, quantity=3)
        till.put_in(owner=customer, variant_id=mug, quantity=4)
        till.put_in(owner=customer, variant_id=cup, quantity=1)

        for _ in range(2):
            claim(cart_token="h" * 40, customer_id=sara)

        assert till.cart(customer) == {mug: 5, cup: 1}
        assert till.cart(HANA) == {}


class TestApplyCoupon:
    def test_refuses_with_the_reason(self, till: Till) -> None:
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)
        till.coupon("LATER", valid_from=NOON + HALF_AN_HOUR)

        for code, reason in (("NONE", Refusal.UNKNOWN), ("later", Refusal.NOT_STARTED)):
            with pytest.raises(CouponRefused) as refusal:
                till.apply(owner=HANA, code=code)
            assert refusal.value.reason is reason


class TestPlaceOrder:
    def test_holds_the_stock_and_empties_the_cart(self, till: Till) -> None:
        mug = put_on_sale(till.store, price=100_00)
        till.put_in(owner=HANA, variant_id=mug, quantity=2)

        order = till.check_out()

        assert (order.subtotal, order.shipping, order.total) == (
            Money(200_00),
            Money(150_00),
            Money(350_00),
        )
        assert order.expires_at == NOON + HALF_AN_HOUR
        assert till.level(mug) == (10, 2)
        assert till.cart() == {}
        assert OrderPlaced(order.id) in till.store.events
        assert till.store.outcomes[-1] == order.id

    def test_changes_nothing_when_stock_is_short(self, till: Till) -> None:
        mug, cup = put_on_sale(till.store, stock=2), put_on_sale(till.store)
        for owner in (HANA, guest("o" * 40)):
            till.put_in(owner=owner, variant_id=mug, quantity=2)
            till.put_in(owner=owner, variant_id=cup, quantity=1)
        till.check_out(guest("o" * 40))

        with pytest.raises(InsufficientStock) as refusal:
            till.check_out()

        assert refusal.value.items == [{"variant_id": mug, "requested": 2, "available": 0}]
        assert till.cart() == {mug: 2, cup: 1}
        assert till.level(cup) == (10, 1)

    def test_refuses_an_empty_cart(self, till: Till) -> None:
        with pytest.raises(CartIsEmpty):
            till.check_out()

    def test_refuses_a_coupon_that_was_used_up_meanwhile(self, till: Till) -> None:
        mug = put_on_sale(till.store)
        till.coupon("ONE", max_uses=1)
        for owner in (HANA, guest("o" * 40)):
            till.put_in(owner=owner, variant_id=mug, quantity=1)
            till.apply(owner=owner, code="ONE")
        till.check_out(guest("o" * 40))

        with pytest.raises(CouponLost) as refusal:
            till.check_out()

        assert refusal.value.reason is Refusal.USED_UP

    def test_of_what_costs_nothing_is_confirmed_at_once(self, till: Till) -> None:
        book = put_on_sale(till.store, price=100_00)
        till.coupon("ALL", discount_value=100_00, stackable=True)
        till.coupon("SHIP", discount_type=DiscountType.FREE_SHIPPING, stackable=True)
        till.put_in(owner=HANA, variant_id=book, quantity=2)
        till.apply(owner=HANA, code="ALL")

        order = till.check_out(coupon_code="SHIP")

        assert (order.total, order.status) == (Money(0), OrderStatus.CONFIRMED)
        assert till.level(book) == (8, 0)

    def test_may_ask_for_a_verified_address(self, till: Till) -> None:
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)
        strict = replace(till.order, only_verified=True)

        with pytest.raises(EmailNotVerified):
            strict(owner=HANA, buyer=BUYER, choice=Choice(HOME))

    def test_refuses_an_address_that_is_not_the_buyers(self, till: Till) -> None:
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)

        with pytest.raises(ValidationFailed) as refusal:
            till.check_out(billing_address=new_id())

        assert list(refusal.value.errors) == ["billing_address_id"]

    def test_honours_a_quote_for_a_while(self, till: Till) -> None:
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)
        quote = till.quotes.seal(Money(250_00))

        till.time = NOON + HALF_AN_HOUR
        with pytest.raises(ValidationFailed):
            till.check_out(quote=quote)
        till.time = NOON

        assert till.check_out(quote=quote).total == Money(250_00)

    def test_tells_of_a_price_that_changed(self, till: Till) -> None:
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)

        with pytest.raises(PriceChanged) as refusal:
            till.check_out(quote=till.quotes.seal(Money(240_00)))

        assert refusal.value.difference == "10.00"


class TestExpireOrders:
    def test_gives_back_stock_and_coupon_once(self, till: Till) -> None:
        mug = put_on_sale(till.store)
        till.coupon("ONE", max_uses=1)
        till.put_in(owner=HANA, variant_id=mug, quantity=2)
        order = till.check_out(coupon_code="one")
        till.time = NOON + HALF_AN_HOUR

        assert [till.expire(), till.expire()] == [1, 0]

        with till.store() as work:
            assert work.orders.lock(order.id).status is OrderStatus.CANCELLED
            (one,), _ = work.coupons.with_uses(["ONE"], buyer="")
        assert (one.used_count, till.level(mug)) == (0, (10, 0))

    def test_leaves_an_order_alone_that_was_paid_after_all(self, till: Till) -> None:
        mug = put_on_sale(till.store)
        till.put_in(owner=HANA, variant_id=mug, quantity=2)
        till.check_out()
        till.time = NOON + HALF_AN_HOUR
        asked = ExpireOrders(till.store, till.now, settle=lambda order_id: True)

        assert asked() == 0
        assert till.level(mug) == (10, 2)

    def test_goes_on_after_an_order_that_cannot_be_settled(
        self, till: Till, caplog: pytest.LogCaptureFixture
    ) -> None:
        mug = put_on_sale(till.store)
        broken, other = (self.placed(till, mug) for _ in range(2))
        till.time = NOON + HALF_AN_HOUR

        def settle(order_id: UUID) -> bool:
            return order_id == broken.id and bool(1 / 0)

        expire = ExpireOrders(till.store, till.now, settle)

        assert expire() == 1
        with till.store() as work:
            assert work.orders.lock(broken.id).status is OrderStatus.PENDING
            assert work.orders.lock(other.id).status is OrderStatus.CANCELLED
        assert "order not expired" in caplog.text

    def placed(self, till: Till, mug: UUID) -> Order:
        till.put_in(owner=HANA, variant_id=mug, quantity=1)
        return till.check_out()


class TestOrder:
    @pytest.fixture
    def order(self, till: Till) -> Order:
        return order_of(till.store, put_on_sale(till.store))

    def test_is_confirmed_by_its_payment_and_not_twice(self, order: Order) -> None:
        order.paid(NOON)

        assert (order.status, order.expires_at) == (OrderStatus.CONFIRMED, None)
        with pytest.raises(IllegalTransition) as refusal:
            order.paid(NOON)
        assert refusal.value.allowed == ["cancelled", "processing"]

    def test_is_payable_until_it_expires(self, order: Order) -> None:
        order.require_payable(at=NOON)

        with pytest.raises(OrderNotPayable):
            order.require_payable(at=NOON + HALF_AN_HOUR)

    def test_stays_payable_after_a_failure(self, order: Order) -> None:
        order.payment_started(NOON)
        order.payment_failed(NOON)

        order.require_payable(at=NOON)

    def test_is_not_waiting_for_money_once_it_has_expired(self, order: Order) -> None:
        order.payment_started(NOON)

        order.expire(NOON)

        assert order.payment_status is PaymentStatus.FAILED

    def test_is_revived_by_money_that_came_late(self, order: Order) -> None:
        order.expire(NOON)
        assert not order.is_payable

        order.paid(NOON)

        assert order.status is OrderStatus.CONFIRMED


class TestCoupons:
    def test_are_valid_on_a_subtotal_or_say_why_not(self, till: Till) -> None:
        till.coupon(min_purchase=Money(500_00))
        validate = ValidateCoupon(till.store, till.now, "ETB")

        enough = validate(code="ten", subtotal=Money(500_00), buyer="")
        short = validate(code="TEN", subtotal=Money(499_99), buyer="")
        unknown = validate(code="NONE", subtotal=Money(1), buyer="")

        assert (enough.refusal, enough.discount) == (None, Money(50_00))
        assert (short.refusal, short.discount) == (Refusal.MINIMUM_NOT_MET, Money(0))
        assert unknown.refusal is Refusal.UNKNOWN

    def test_are_kept_inactive_once_they_were_used(self, till: Till) -> None:
        coupon_id = till.coupon()
        till.put_in(owner=HANA, variant_id=put_on_sale(till.store), quantity=1)
        till.check_out(coupon_code="TEN")

        RemoveCoupon(till.store)(coupon_id=coupon_id)

        with till.store() as work:
            assert not work.coupons.lock(coupon_id).is_active

    def test_cannot_be_changed_into_nonsense(self, till: Till) -> None:
        change = ChangeCoupon(till.store)
        coupon_id = till.coupon()

        for terms in ({"discount_value": 0}, {"discount_value": 100_01}, {"max_uses": -1}):
            with pytest.raises(ValidationFailed):
                change(coupon_id=coupon_id, **terms)


class TestMoney:
    def test_of_different_currencies_is_neither_added_nor_compared(self) -> None:
        birr, dollar = Money(1), Money(1, "USD")

        for mixed in (lambda: birr + dollar, lambda: birr < dollar, lambda: birr >= dollar):
            with pytest.raises(ValueError, match="do not mix"):
                mixed()
        assert birr != dollar
        assert Money(1) <= Money(1) < Money(2)
