"""From a checkout to a paid order, and every way in which the news of it may go wrong."""

from datetime import timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.payments.start import Payer, PaymentPages, origin
from nexus.application.payments.webhooks import ProviderNotFound
from nexus.application.ports.gateways import (
    GatewayUnavailable,
    InvalidSignature,
    Outcome,
    PaymentDeclined,
)
from nexus.domain.notices import WebhookContradicted, WebhookReceived
from nexus.domain.orders import OrderNotFound, OrderNotPayable, OrderStatus, PaymentStatus
from nexus.domain.payments import (
    IllegalPaymentStep,
    PaymentFailed,
    PaymentNotFound,
    PaymentState,
    PaymentSucceeded,
    PaymentUnmatched,
    Unmatched,
)
from nexus.domain.shared import Money, ValidationFailed
from tests.till import NOON, PRICE, SITE, Till

ABEBE, SARA = UUID(int=1), UUID(int=2)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def till(store: MemoryStore) -> Till:
    till = Till(store)
    till.stock_mugs(3)
    return till


def happened(store: MemoryStore, kind: type) -> int:
    return sum(isinstance(it, kind) for it in store.events)


class TestStartPayment:
    def test_opens_a_checkout_for_what_the_order_costs(self, till: Till) -> None:
        order = till.place(2)

        payment = till.begin(order)

        assert payment.amount == PRICE * 2
        assert payment.checkout_url == f"https://pay.test/{payment.reference}"
        assert payment.expires_at == order.expires_at
        assert till.order(order).payment_status is PaymentStatus.PENDING

    def test_says_where_the_way_back_leads(self, till: Till) -> None:
        order = till.place()

        payment = till.begin(order)

        asked = till.gateway.requests[payment.reference]
        assert asked.callback_url == f"{SITE}/api/v1/payments/verify"
        assert asked.return_url == f"{SITE}/api/v1/payments/verify/{payment.id}"
        assert asked.description == f"Order {till.order(order).number}"
        assert asked.phone == "+251911223344"

    @pytest.mark.parametrize(
        "payer", [Payer(), Payer(customer_id=SARA), Payer(order_token="guess")]
    )
    def test_hides_an_order_from_strangers(self, till: Till, payer: Payer) -> None:
        order = till.place(customer_id=ABEBE)

        with pytest.raises(OrderNotFound):
            till.start(order_id=order.id, payer=payer)

    def test_is_open_to_whoever_ordered(self, till: Till) -> None:
        order = till.place(customer_id=ABEBE)

        payment_id = till.start(order_id=order.id, payer=Payer(customer_id=ABEBE))

        assert till.payment(payment_id).order_id == order.id

    def test_refuses_an_order_that_is_paid(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        till.settle(payment_id=payment.id)

        with pytest.raises(OrderNotPayable):
            till.begin(order)

    def test_refuses_an_order_whose_time_is_over(self, till: Till) -> None:
        order = till.place()
        till.at = NOON + timedelta(minutes=30)

        with pytest.raises(OrderNotPayable):
            till.begin(order)

    @pytest.mark.parametrize("provider", ["stripe", "", "memory\n"])
    def test_refuses_a_provider_that_is_not_configured(self, till: Till, provider: str) -> None:
        order = till.place(customer_id=ABEBE)

        with pytest.raises(ValidationFailed):
            till.start(order_id=order.id, payer=Payer(ABEBE), provider=provider)

    def test_closes_the_attempt_before_it(self, till: Till) -> None:
        order = till.place()
        first = till.begin(order)

        second = till.begin(order)

        assert first.reference != second.reference
        assert till.payment(first.id).status is PaymentState.CANCELLED
        assert till.gateway.verify(first.reference).outcome is Outcome.CANCELLED
        assert till.payment(second.id).status is PaymentState.PENDING

    def test_finds_that_the_attempt_before_it_was_paid_a_moment_ago(self, till: Till) -> None:
        order = till.place()
        first = till.begin(order)
        till.gateway.pay(first.reference)

        with pytest.raises(OrderNotPayable):
            till.begin(order)

        assert till.payment(first.id).status is PaymentState.SUCCEEDED
        assert till.order(order).payment_status is PaymentStatus.PAID
        assert len(till.gateway.requests) == 1

    def test_leaves_the_order_payable_when_the_provider_refuses(
        self, till: Till, store: MemoryStore
    ) -> None:
        free = till.place(0)

        with pytest.raises(PaymentDeclined):
            till.begin(free)

        assert till.order(free).is_payable
        assert till.order(free).payment_status is PaymentStatus.FAILED
        assert happened(store, PaymentFailed) == 1

    def test_leaves_it_open_whether_a_silent_provider_has_heard(self, till: Till) -> None:
        order = till.place()
        till.gateway.is_down = True

        with pytest.raises(GatewayUnavailable):
            till.begin(order)

        till.gateway.is_down = False
        assert till.order(order).is_payable
        assert till.begin(order).status is PaymentState.PENDING


class TestTheWayBack:
    @pytest.mark.parametrize(
        "url",
        [f"{SITE}/thanks", f"{SITE}:443/", "https://www.shop.test/?a=1#b", "HTTPS://SHOP.TEST"],
    )
    def test_leads_to_the_shop(self, till: Till, url: str) -> None:
        order = till.place(customer_id=ABEBE)

        payment_id = till.start(order_id=order.id, payer=Payer(ABEBE), return_url=url)

        asked = till.gateway.requests[till.payment(payment_id).reference]
        assert asked.return_url == url

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "/thanks",
            "//shop.test",
            "http://shop.test",
            "https://shop.test:8443",
            "https://shop.test.evil.test",
            "https://shop.test@evil.test",
            "https://evil.test/https://shop.test",
            "https://evil.test\\@shop.test",
            "https://shop.test\\.evil.test",
            "https://shop.test\n.evil.test",
            "https://shop.test /",
            "https://ѕhop.test",
            "javascript:alert(1)",
            "https://shop.test:port",
            "https://[::1",
        ],
    )
    def test_leads_nowhere_else(self, till: Till, url: str) -> None:
        order = till.place(customer_id=ABEBE)

        with pytest.raises(ValidationFailed) as refusal:
            till.start(order_id=order.id, payer=Payer(ABEBE), return_url=url)

        assert list(refusal.value.errors) == ["return_url"]
        assert not till.gateway.requests

    def test_is_not_opened_to_all_by_a_star_among_the_origins(self) -> None:
        pages = PaymentPages.of("Nexus", SITE, ("*", "null"))

        assert pages.origins == {"https://shop.test:443"}
        assert origin("https://shop.test/x") in pages.origins


class TestSettlePayment:
    def test_confirms_the_order_and_takes_its_stock(self, till: Till, store: MemoryStore) -> None:
        order = till.place(2)
        payment = till.begin(order)
        till.gateway.pay(payment.reference)

        till.settle(payment_id=payment.id)

        settled = till.payment(payment.id)
        assert settled.status is PaymentState.SUCCEEDED
        assert settled.method == "telebirr"
        assert settled.completed_at == NOON
        assert till.order(order).status is OrderStatus.CONFIRMED
        assert till.order(order).payment_status is PaymentStatus.PAID
        assert till.mugs() == (1, 0)
        assert happened(store, PaymentSucceeded) == 1

    def test_happens_once_however_often_it_is_asked_for(
        self, till: Till, store: MemoryStore
    ) -> None:
        payment = till.begin(till.place())
        till.gateway.pay(payment.reference)

        for _ in range(3):
            till.settle(payment_id=payment.id)

        assert happened(store, PaymentSucceeded) == 1
        assert till.mugs() == (2, 0)

    def test_waits_while_the_customer_has_not_paid(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)

        till.settle(payment_id=payment.id)

        assert till.payment(payment.id) == payment
        assert till.mugs() == (3, 1)

    def test_leaves_the_order_payable_after_a_failure(self, till: Till, store: MemoryStore) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.decline(payment.reference)

        for _ in range(2):
            till.settle(payment_id=payment.id)

        assert till.payment(payment.id).status is PaymentState.FAILED
        assert till.payment(payment.id).failure_reason == "declined"
        assert till.order(order).is_payable
        assert till.mugs() == (3, 1)
        assert happened(store, PaymentFailed) == 1

    def test_takes_the_money_of_a_customer_who_tried_again(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.decline(payment.reference)
        till.settle(payment_id=payment.id)

        till.gateway.pay(payment.reference)
        till.settle(payment_id=payment.id)

        assert till.payment(payment.id).status is PaymentState.SUCCEEDED
        assert till.order(order).payment_status is PaymentStatus.PAID

    @pytest.mark.parametrize(
        ("came", "reason"),
        [
            (Money(1), Unmatched.AMOUNT_DIFFERS),
            (PRICE * 2, Unmatched.AMOUNT_DIFFERS),
            (Money(PRICE.minor, "USD"), Unmatched.CURRENCY_DIFFERS),
        ],
    )
    def test_does_not_sell_for_another_amount(
        self, till: Till, store: MemoryStore, came: Money, reason: Unmatched
    ) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference, came)

        for _ in range(2):
            till.settle(payment_id=payment.id)

        kept = till.payment(payment.id)
        assert (kept.unmatched_reason, kept.received) == (reason, came)
        assert kept.status is PaymentState.PENDING
        assert till.order(order).payment_status is PaymentStatus.PENDING
        assert till.mugs() == (3, 1)
        assert happened(store, PaymentUnmatched) == 1
        assert happened(store, PaymentSucceeded) == 0

    def test_does_not_take_play_money_for_real(self, till: Till) -> None:
        payment = till.begin(till.place())
        till.gateway.pay(payment.reference)
        till.gateway.mode = "live"

        till.settle(payment_id=payment.id)

        assert till.payment(payment.id).unmatched_reason is Unmatched.MODE_DIFFERS

    def test_revives_a_cancelled_order_while_there_is_stock(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)
        till.expire(order)
        till.gateway.pay(payment.reference)

        till.settle(payment_id=payment.id)

        assert till.order(order).status is OrderStatus.CONFIRMED
        assert till.payment(payment.id).unmatched_reason is None
        assert till.mugs() == (2, 0)

    def test_keeps_late_money_for_staff_when_the_goods_are_gone(
        self, till: Till, store: MemoryStore
    ) -> None:
        order = till.place()
        payment = till.begin(order)
        till.expire(order)
        till.place(3)
        till.gateway.pay(payment.reference)

        till.settle(payment_id=payment.id)

        kept = till.payment(payment.id)
        assert kept.status is PaymentState.SUCCEEDED
        assert kept.unmatched_reason is Unmatched.ORDER_CANCELLED
        assert till.order(order).status is OrderStatus.CANCELLED
        assert till.mugs() == (3, 3)
        assert happened(store, PaymentUnmatched) == 1

    def test_keeps_a_second_payment_of_one_order_for_staff(
        self, till: Till, store: MemoryStore
    ) -> None:
        order = till.place()
        first, second = till.begin(order), till.begin(order)
        for payment in (second, first):
            till.gateway.pay(payment.reference)
            till.settle(payment_id=payment.id)

        assert till.payment(second.id).unmatched_reason is None
        late = till.payment(first.id)
        assert late.status is PaymentState.SUCCEEDED
        assert late.unmatched_reason is Unmatched.ALREADY_PAID
        assert till.mugs() == (2, 0)
        assert happened(store, PaymentSucceeded) == 1

    def test_gives_up_the_other_attempts_of_a_paid_order(self, till: Till) -> None:
        order = till.place()
        first, second = till.begin(order), till.begin(order)
        till.gateway.pay(first.reference)
        till.settle(payment_id=first.id)

        till.at = NOON + timedelta(seconds=20)
        till.reconcile()

        assert till.payment(second.id).status is PaymentState.CANCELLED
        assert till.gateway.verify(second.reference).outcome is Outcome.CANCELLED


class TestVerifyPayment:
    def test_goes_by_id_or_by_reference(self, till: Till) -> None:
        payment = till.begin(till.place())

        assert till.verify(payment_id=payment.id) == payment.id
        assert till.verify(reference=payment.reference) == payment.id

    def test_changes_nothing_while_the_provider_is_silent(self, till: Till) -> None:
        payment = till.begin(till.place())
        till.gateway.is_down = True

        till.verify(payment_id=payment.id)

        assert till.payment(payment.id) == payment

    @pytest.mark.parametrize("unknown", [{"payment_id": ABEBE}, {"reference": "nx-1"}])
    def test_refuses_what_it_does_not_know(self, till: Till, unknown: dict[str, object]) -> None:
        with pytest.raises(PaymentNotFound):
            till.verify(**unknown)  # type: ignore[arg-type]


class TestWebhooks:
    def inbox_ids(self, store: MemoryStore) -> list[UUID]:
        return [it.inbox_id for it in store.events if isinstance(it, WebhookReceived)]

    def deliver(self, till: Till, reference: str, amount: Money = PRICE) -> None:
        body, headers = till.gateway.webhook(reference, amount)
        till.receive(provider="memory", body=body, headers=headers)

    def test_are_kept_once_and_acted_upon_once(self, till: Till, store: MemoryStore) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        for _ in range(3):
            self.deliver(till, payment.reference)

        (inbox_id,) = self.inbox_ids(store)
        for _ in range(2):
            till.react(inbox_id)

        assert till.order(order).payment_status is PaymentStatus.PAID
        with store() as work:
            assert work.inbox.by_id(inbox_id).finding == "succeeded"

    def test_are_not_believed(self, till: Till, store: MemoryStore) -> None:
        order = till.place()
        payment = till.begin(order)
        self.deliver(till, payment.reference)

        till.react(self.inbox_ids(store)[0])

        assert till.order(order).payment_status is PaymentStatus.PENDING
        assert till.payment(payment.id).next_check_at == NOON + timedelta(seconds=20)

    def test_that_name_another_amount_are_reported_and_the_provider_asked(
        self, till: Till, store: MemoryStore
    ) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        self.deliver(till, payment.reference, Money(1))

        till.react(self.inbox_ids(store)[0])

        assert till.order(order).payment_status is PaymentStatus.PAID
        assert happened(store, WebhookContradicted) == 1

    def test_of_unknown_payments_are_recorded_as_such(self, till: Till, store: MemoryStore) -> None:
        self.deliver(till, "nx-unheard-of")
        (inbox_id,) = self.inbox_ids(store)

        till.react(inbox_id)

        with store() as work:
            assert work.inbox.by_id(inbox_id).finding == "unknown_reference"

    def test_are_tried_again_while_the_provider_is_silent(
        self, till: Till, store: MemoryStore
    ) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        self.deliver(till, payment.reference)
        (inbox_id,) = self.inbox_ids(store)
        till.gateway.is_down = True

        with pytest.raises(GatewayUnavailable):
            till.react(inbox_id)
        till.gateway.is_down = False
        till.react(inbox_id)

        assert till.order(order).payment_status is PaymentStatus.PAID

    def test_need_a_signature_and_a_known_provider(self, till: Till, store: MemoryStore) -> None:
        with pytest.raises(InvalidSignature):
            till.receive(provider="memory", body=b"{}", headers={})
        with pytest.raises(ProviderNotFound):
            till.receive(provider="stripe", body=b"{}", headers={})

        assert not self.inbox_ids(store)


class TestReconcilePayments:
    def test_heals_a_lost_webhook(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)

        early = till.reconcile()
        till.at = NOON + timedelta(seconds=20)
        due = till.reconcile()

        assert (early, due) == (0, 1)
        assert till.order(order).payment_status is PaymentStatus.PAID

    def test_asks_again_later_while_nothing_has_come_in(self, till: Till) -> None:
        payment = till.begin(till.place())
        till.gateway.is_down = True
        till.at = NOON + timedelta(seconds=20)

        asked = till.reconcile(), till.reconcile()

        assert asked == (1, 0)
        assert till.payment(payment.id).next_check_at == till.at + timedelta(minutes=1)


class TestSettleOrCancelAttempts:
    def test_closes_what_nobody_has_paid(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)

        was_paid = till.settle_or_cancel(order.id)

        assert not was_paid
        assert till.payment(payment.id).status is PaymentState.CANCELLED
        assert till.gateway.verify(payment.reference).outcome is Outcome.CANCELLED

    def test_finds_money_that_came_at_the_last_moment(self, till: Till) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)

        assert till.settle_or_cancel(order.id)
        assert till.order(order).payment_status is PaymentStatus.PAID

    def test_does_not_wait_for_a_silent_provider(self, till: Till) -> None:
        order = till.place()
        till.begin(order)
        till.gateway.is_down = True

        assert not till.settle_or_cancel(order.id)

    def test_has_nothing_to_do_for_an_order_that_nobody_tried_to_pay(self, till: Till) -> None:
        assert not till.settle_or_cancel(till.place().id)


class TestVoidPayment:
    def test_closes_the_checkout_and_leaves_the_order_payable(self, till: Till) -> None:
        order = till.place(customer_id=ABEBE)
        payment = till.begin(order)

        till.void(payment_id=payment.id, owner=ABEBE)

        assert till.payment(payment.id).status is PaymentState.CANCELLED
        assert till.gateway.verify(payment.reference).outcome is Outcome.CANCELLED
        assert till.order(order).is_payable

    def test_hides_another_customers_payment(self, till: Till) -> None:
        payment = till.begin(till.place(customer_id=ABEBE))

        with pytest.raises(PaymentNotFound):
            till.void(payment_id=payment.id, owner=SARA)

    def test_refuses_when_the_money_is_there(self, till: Till) -> None:
        order = till.place(customer_id=ABEBE)
        payment = till.begin(order)
        till.gateway.pay(payment.reference)

        with pytest.raises(IllegalPaymentStep):
            till.void(payment_id=payment.id, owner=ABEBE)

        assert till.order(order).payment_status is PaymentStatus.PAID

    def test_refuses_what_has_ended_already(self, till: Till) -> None:
        payment = till.begin(till.place(customer_id=ABEBE))
        till.void(payment_id=payment.id, owner=ABEBE)

        with pytest.raises(IllegalPaymentStep):
            till.void(payment_id=payment.id, owner=ABEBE)
