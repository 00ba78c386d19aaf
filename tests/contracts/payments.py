"""What every store of payments promises."""

from datetime import timedelta
from uuid import UUID

import pytest

from nexus.application.ports.work import StartWork
from nexus.domain.notices import Notice, NoticeNotFound
from nexus.domain.orders import Order
from nexus.domain.payments import Payment, PaymentNotFound, Receipt, Unmatched
from nexus.domain.shared import Money, Stale
from tests.till import NOON, PRICE, Till

NOBODY = UUID(int=9)


class PaymentsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    @pytest.fixture
    def till(self, store: StartWork) -> Till:
        till = Till(store)
        till.stock_mugs(9)
        return till

    @pytest.fixture
    def order(self, till: Till) -> Order:
        return till.place()

    def added(self, store: StartWork, order: Order) -> Payment:
        payment = Payment.start(order.id, "memory", PRICE, at=NOON, until=order.expires_at)
        with store() as work:
            work.payments.add(payment)
        return payment

    def test_returns_a_payment_as_it_was_added(self, store: StartWork, order: Order) -> None:
        payment = self.added(store, order)

        with store() as work:
            assert work.payments.by_id(payment.id) == payment
            assert work.payments.lock(payment.id) == payment

    def test_keeps_everything_that_became_of_it(self, store: StartWork, order: Order) -> None:
        payment = self.added(store, order)
        payment.opened("https://pay.test/1")
        payment.set_aside(Unmatched.CURRENCY_DIFFERS, Money(150_00, "USD"))
        payment.fail("declined", at=NOON)
        payment.check(at=NOON)

        with store() as work:
            work.payments.save(payment)

        with store() as work:
            assert work.payments.by_id(payment.id) == payment

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork, order: Order) -> None:
        payment = self.added(store, order)
        with store() as work:
            newer = work.payments.lock(payment.id)
            newer.check(at=NOON)
            work.payments.save(newer)

        with pytest.raises(Stale), store() as work:
            work.payments.save(payment)

    def test_hides_a_payment_from_strangers(self, store: StartWork, order: Order) -> None:
        payment = self.added(store, order)

        for wanted, owner in ((payment.id, NOBODY), (NOBODY, None)):
            with pytest.raises(PaymentNotFound), store() as work:
                work.payments.by_id(wanted, owner=owner)

    def test_finds_a_payment_by_its_reference(self, store: StartWork, order: Order) -> None:
        payment = self.added(store, order)

        with store() as work:
            assert work.payments.id_of(payment.reference) == payment.id
            assert work.payments.id_of(payment.reference, provider="memory") == payment.id
            assert work.payments.id_of(payment.reference, provider="chapa") is None
            assert work.payments.id_of("nx-unheard-of") is None

    def test_knows_which_attempts_could_still_be_paid(
        self, store: StartWork, till: Till, order: Order
    ) -> None:
        declined = self.added(store, order)
        declined.fail("declined", at=NOON)
        refused = Payment.start(order.id, "memory", PRICE, at=NOON, until=None)
        refused.refused("no", at=NOON)
        with store() as work:
            work.payments.save(declined)
            work.payments.add(refused)
        waiting = self.added(store, order)
        self.added(store, till.place())

        with store() as work:
            assert [it.id for it in work.payments.lock_open(order.id)] == [declined.id, waiting.id]

    def test_names_those_to_be_asked_after(
        self, store: StartWork, till: Till, order: Order
    ) -> None:
        due = self.added(store, order)
        settled = self.added(store, till.place())
        settled.succeed(Receipt("AP1", "telebirr"), at=NOON)
        with store() as work:
            work.payments.save(settled)

        with store() as work:
            assert not work.payments.claim_due(at=NOON, limit=5)
            later = NOON + timedelta(seconds=20)
            assert [it.id for it in work.payments.claim_due(at=later, limit=5)] == [due.id]

    def notice(self, key: str = "k") -> Notice:
        return Notice.receive(
            "memory", key, kind="charge.success", reference="nx-1", amount=PRICE, at=NOON
        )

    def test_keeps_a_message_once(self, store: StartWork) -> None:
        first, again = self.notice(), self.notice()

        with store() as work:
            assert work.inbox.add(first)
        with store() as work:
            assert not work.inbox.add(again)

        with store() as work:
            assert work.inbox.by_id(first.id) == first
            with pytest.raises(NoticeNotFound):
                work.inbox.by_id(again.id)

    def test_remembers_what_was_found(self, store: StartWork) -> None:
        notice = self.notice()
        with store() as work:
            work.inbox.add(notice)
            notice.handled("succeeded", at=NOON)
            work.inbox.save(notice)

        with store() as work:
            assert work.inbox.by_id(notice.id) == notice
