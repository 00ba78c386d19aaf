"""Opening a checkout for an order."""

from datetime import timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.payments.start import Payer, PaymentPages, origin
from nexus.application.ports.gateways import (
    GatewayUnavailable,
    Outcome,
    PaymentDeclined,
    PaymentRequest,
    StartedPayment,
)
from nexus.domain.order_statuses import PaymentStatus
from nexus.domain.orders import OrderNotFound, OrderNotPayable
from nexus.domain.payments import PaymentFailed, PaymentState, PaymentSuperseded
from nexus.domain.shared import ValidationFailed
from tests.till import NOON, PRICE, SITE, Till

ABEBE, SARA = UUID(int=1), UUID(int=2)


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

    def test_has_done_something_once_there_is_a_page_to_pay_on(
        self, till: Till, store: MemoryStore
    ) -> None:
        order = till.place()
        till.gateway.is_down = True
        with pytest.raises(GatewayUnavailable):
            till.begin(order)
        assert store.outcomes == []

        till.gateway.is_down = False
        payment = till.begin(order)

        assert store.outcomes == [payment.id]

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

    def test_looks_for_the_order_before_anything_else(self, till: Till) -> None:
        order = till.place(customer_id=ABEBE)
        sara = Payer(customer_id=SARA)

        for wrong in ({"provider": "shells"}, {"return_url": "https://elsewhere.test"}):
            with pytest.raises(OrderNotFound):
                till.start(order_id=order.id, payer=sara, **wrong)

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

    def test_closes_an_attempt_that_another_has_overtaken(
        self, till: Till, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = till.place()
        opened = till.gateway.start

        def overtaken(request: PaymentRequest) -> StartedPayment:
            started = opened(request)
            monkeypatch.undo()
            till.begin(order)
            return started

        monkeypatch.setattr(till.gateway, "start", overtaken)
        with pytest.raises(PaymentSuperseded):
            till.begin(order)

        outcomes = [till.gateway.verify(it).outcome for it in till.gateway.requests]
        assert outcomes == [Outcome.CANCELLED, Outcome.PENDING]

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
        order = till.place()
        till.gateway.is_closed = True

        with pytest.raises(PaymentDeclined):
            till.begin(order)

        assert till.order(order).is_payable
        assert till.order(order).payment_status is PaymentStatus.FAILED
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
