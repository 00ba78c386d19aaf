"""Payments in PostgreSQL: the promises of every store, and what only a database can be asked."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from nexus.adapters.sql.engine import sql_engine
from nexus.adapters.sql.inbox import webhook_inbox
from nexus.adapters.sql.outbox import outbox
from nexus.adapters.sql.queries.payments import SqlPaymentQueries
from nexus.adapters.sql.stock import stock_movements
from nexus.adapters.sql.work import sql_work
from nexus.application.ports.audit import Actor
from nexus.application.ports.pages import PageWanted
from nexus.application.ports.payments import PaymentFilter
from nexus.application.ports.work import StartWork
from nexus.domain.order_statuses import OrderStatus, PaymentStatus
from nexus.domain.payments import Payment, PaymentState, Receipt, Unmatched
from nexus.domain.shared import Conflict, Money
from tests.contracts.payments import PaymentsContract
from tests.till import NOON, PRICE, Till


def to_nobody(changed: Collection[str]) -> None:
    """Nobody reads the catalogue here."""


def nothing() -> None:
    """No request is at work here."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = sql_engine(database_url, pool=20)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> StartWork:
    return partial(sql_work, engine, "NX-{year}-{seq:06}", Actor, nothing, announce=to_nobody)


@pytest.fixture
def till(store: StartWork) -> Till:
    till = Till(store)
    till.stock_mugs(3)
    return till


@pytest.fixture
def queries(engine: Engine) -> SqlPaymentQueries:
    return SqlPaymentQueries(engine)


class TestSqlPayments(PaymentsContract):
    @pytest.fixture
    def store(self, engine: Engine) -> StartWork:
        return partial(sql_work, engine, "NX-{year}-{seq:06}", Actor, nothing, announce=to_nobody)

    def test_has_one_pending_attempt_for_an_order(self, store: StartWork, till: Till) -> None:
        order = till.place()
        self.added(store, order)

        with pytest.raises(IntegrityError, match="uq_payments_pending"):
            self.added(store, order)

    def test_lets_an_order_be_paid_once(self, store: StartWork, till: Till) -> None:
        order = till.place()

        def paid() -> None:
            payment = Payment.start(order.id, "memory", PRICE, at=NOON, until=None)
            payment.succeed(Receipt("AP1", "telebirr"), at=NOON)
            with store() as work:
                work.payments.add(payment)

        paid()
        with pytest.raises(IntegrityError, match="uq_payments_paid"):
            paid()


def at_once(*calls: Callable[[], object]) -> None:
    """Run all of them at the same time, and let each raise what is wrong with it."""
    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()


def count(engine: Engine, name: str) -> int:
    with engine.connect() as db:
        return Counter(db.scalars(select(outbox.c.name)))[name]


class TestNewsFromEverywhereAtOnce:
    def test_sells_once(self, engine: Engine, till: Till) -> None:
        order = till.place(2)
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        body, headers = till.gateway.webhook(payment.reference, payment.amount)

        def deliver() -> None:
            till.receive(provider="memory", body=body, headers=headers)
            with engine.connect() as db:
                inbox_id = db.scalars(select(webhook_inbox.c.id)).one()
            with suppress(Conflict):
                till.react(inbox_id)

        at_once(
            *[deliver] * 20,
            lambda: till.verify(payment_id=payment.id),
            lambda: till.verify(reference=payment.reference),
        )

        assert till.order(order).payment_status is PaymentStatus.PAID
        assert count(engine, "internal.webhook_received") == 1
        assert count(engine, "payment.succeeded") == 1
        assert count(engine, "order.paid") == 1
        assert till.mugs() == (1, 0)
        with engine.connect() as db:
            reasons = Counter(db.scalars(select(stock_movements.c.reason)))
        assert reasons == {"received": 1, "reserved": 1, "sold": 1}

    def test_takes_one_of_two_payments_for_one_order(self, engine: Engine, till: Till) -> None:
        order = till.place()
        first, second = till.begin(order), till.begin(order)
        for payment in (first, second):
            till.gateway.pay(payment.reference)

        at_once(
            *[lambda: till.settle(payment_id=first.id)] * 4,
            *[lambda: till.settle(payment_id=second.id)] * 4,
        )

        kept = [till.payment(it.id) for it in (first, second)]
        assert {it.status for it in kept} == {PaymentState.SUCCEEDED}
        assert {it.unmatched_reason for it in kept} == {None, Unmatched.ALREADY_PAID}
        assert count(engine, "payment.succeeded") == 1
        assert till.mugs() == (2, 0)

    def test_leaves_one_attempt_when_a_customer_clicks_twice(
        self, store: StartWork, till: Till
    ) -> None:
        order = till.place()

        def click() -> None:
            with suppress(Conflict):
                till.begin(order)

        at_once(*[click] * 8)

        with store() as work:
            (pending,) = work.payments.lock_open(order.id)
        assert pending.status is PaymentState.PENDING

    def test_does_not_expire_an_order_whose_money_has_arrived(
        self, engine: Engine, till: Till
    ) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        found: list[bool] = []

        at_once(
            lambda: found.append(till.settle_or_cancel(order.id)),
            lambda: till.settle(payment_id=payment.id),
        )

        assert found == [True]
        assert till.order(order).status is OrderStatus.CONFIRMED
        assert count(engine, "payment.succeeded") == 1

    def test_revives_a_cancelled_order_or_keeps_its_money_for_staff(self, till: Till) -> None:
        late = [till.place(), till.place()]
        payments = [till.begin(order) for order in late]
        for order, payment in zip(late, payments, strict=True):
            till.expire(order)
            till.gateway.pay(payment.reference)
        till.place(2)

        at_once(*(partial(till.settle, payment_id=it.id) for it in payments))

        reasons = {till.payment(it.id).unmatched_reason for it in payments}
        statuses = sorted(till.order(it).status for it in late)
        assert reasons == {None, Unmatched.ORDER_CANCELLED}
        assert statuses == [OrderStatus.CANCELLED, OrderStatus.CONFIRMED]
        assert till.mugs() == (2, 2)

    def test_asks_after_each_payment_once_however_many_schedulers_run(self, till: Till) -> None:
        for _ in range(3):
            till.begin(till.place())
        till.at = NOON.replace(minute=1)
        asked: list[int] = []

        at_once(*[lambda: asked.append(till.reconcile())] * 6)

        assert sum(asked) == 3


class TestPaymentQueries:
    def test_tell_all_of_a_payment(self, till: Till, queries: SqlPaymentQueries) -> None:
        order = till.place()
        payment = till.begin(order)
        till.gateway.pay(payment.reference)
        till.settle(payment_id=payment.id)

        shown = queries.payment(payment.id)

        assert shown is not None
        assert shown.order_number == order.number
        assert shown.transaction_id == payment.reference
        assert (shown.amount, shown.refunded_amount) == (PRICE, Money(0))
        assert (shown.status, shown.method) == ("succeeded", "telebirr")

    def test_show_strangers_nothing(self, till: Till, queries: SqlPaymentQueries) -> None:
        payment = till.begin(till.place())
        stranger = payment.id

        assert queries.payment(payment.id, owner=stranger) is None
        assert queries.payments(PageWanted(), PaymentFilter(owner=stranger)).items == ()

    def test_list_the_newest_first_and_count_them_all(
        self, till: Till, queries: SqlPaymentQueries
    ) -> None:
        begun = [till.begin(till.place()).id for _ in range(3)]

        first = queries.payments(PageWanted(1, 2), PaymentFilter())
        beyond = queries.payments(PageWanted(9, 2), PaymentFilter())

        assert [it.id for it in first.items] == [begun[2], begun[1]]
        assert (first.count, beyond.count, beyond.items) == (3, 3, ())

    def test_list_money_that_matches_no_order(self, till: Till, queries: SqlPaymentQueries) -> None:
        till.begin(till.place())
        odd = till.begin(till.place())
        till.gateway.pay(odd.reference, Money(1, "USD"))
        till.settle(payment_id=odd.id)

        (listed,) = queries.payments(PageWanted(), PaymentFilter(unmatched=True)).items

        assert listed.id == odd.id
        assert listed.unmatched_reason == "currency_differs"
        assert (listed.received_amount, listed.received_currency) == (Money(1, "USD"), "USD")

    def test_tell_nothing_personal_to_anybody(self, till: Till, queries: SqlPaymentQueries) -> None:
        order = till.place()
        payment = till.begin(order)

        standing = queries.standing(payment.id)

        assert standing is not None
        assert (standing.order_number, standing.status) == (order.number, "pending")
        assert queries.standing(order.id) is None
