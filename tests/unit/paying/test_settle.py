"""What the provider says when it is asked, and what becomes of the order."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.ports.gateways import Outcome
from nexus.domain.order_statuses import OrderStatus, PaymentStatus
from nexus.domain.payments import (
    PaymentFailed,
    PaymentNotFound,
    PaymentState,
    PaymentSucceeded,
    PaymentUnmatched,
    Unmatched,
)
from nexus.domain.shared import Money, Stale
from tests.till import NOON, PRICE, Till

ABEBE, SARA = UUID(int=1), UUID(int=2)


def happened(store: MemoryStore, kind: type) -> int:
    return sum(isinstance(it, kind) for it in store.events)


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

    def test_asks_after_the_others_when_one_fails(
        self, till: Till, caplog: pytest.LogCaptureFixture
    ) -> None:
        orders = [till.place() for _ in range(2)]
        broken, other = (till.begin(order) for order in orders)
        till.gateway.pay(other.reference)
        till.at = NOON + timedelta(seconds=20)

        def settle(*, payment_id: UUID) -> None:
            if payment_id == broken.id:
                raise Stale
            till.settle(payment_id=payment_id)

        asked = replace(till.reconcile, settle=settle)()  # type: ignore[arg-type]

        assert asked == 2
        assert till.payment(other.id).status is PaymentState.SUCCEEDED
        assert "payment not reconciled" in caplog.text
