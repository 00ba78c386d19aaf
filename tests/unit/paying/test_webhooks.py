"""News that providers send by themselves, and every way in which it may go wrong."""

from datetime import timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.payments.webhooks import ProviderNotFound
from nexus.application.ports.gateways import GatewayUnavailable, InvalidSignature
from nexus.domain.notices import WebhookContradicted, WebhookReceived
from nexus.domain.order_statuses import PaymentStatus
from nexus.domain.shared import Money
from tests.till import NOON, PRICE, Till


def happened(store: MemoryStore, kind: type) -> int:
    return sum(isinstance(it, kind) for it in store.events)


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

    def test_of_a_payment_that_was_given_up_are_looked_into_again(
        self, till: Till, store: MemoryStore
    ) -> None:
        order = till.place()
        given_up, _ = till.begin(order), till.begin(order)
        with store() as work:
            exhausted = work.payments.lock(given_up.id)
            exhausted.next_check_at = None
            work.payments.save(exhausted)
        self.deliver(till, given_up.reference)

        till.react(self.inbox_ids(store)[0])

        assert till.payment(given_up.id).next_check_at == NOON + timedelta(seconds=20)

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
