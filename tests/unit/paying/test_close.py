"""Giving up a checkout, whose money may have come in a moment ago."""

from uuid import UUID

import pytest

from nexus.application.ports.gateways import Outcome
from nexus.domain.order_statuses import PaymentStatus
from nexus.domain.payments import IllegalPaymentStep, PaymentNotFound, PaymentState
from tests.till import Till

ABEBE, SARA = UUID(int=1), UUID(int=2)


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
