from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from nexus.adapters.sql.answers import SqlAnswers, conclude
from nexus.adapters.sql.engine import sql_engine
from nexus.adapters.sql.outbox import SqlOutbox, publish
from nexus.adapters.sql.outbox import outbox as events
from nexus.application.idempotency import GIVEN_UP_AFTER, IdempotencyInProgress
from nexus.application.ports.system import Attempt
from nexus.domain.shared import Event
from tests.contracts.answers import ORDER, SLOT, AnswersContract, begun
from tests.contracts.outbox import ASKED, MINUTE, NOON, OutboxContract


@dataclass(frozen=True)
class Happened(Event):
    order_id: UUID


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = sql_engine(database_url, pool=10)
    yield engine
    engine.dispose()


class Placed(Happened):
    name = "order.placed"


def publish_event(engine: Engine, name: str, order_id: UUID) -> None:
    kind = type("Named", (Happened,), {"name": name})
    with engine.begin() as db:
        publish(db, [kind(order_id)])


class TestSqlOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self, engine: Engine) -> SqlOutbox:
        self.engine = engine
        return SqlOutbox(engine)

    def publish(self, outbox: SqlOutbox, name: str, order_id: UUID) -> None:  # type: ignore[override]
        publish_event(self.engine, name, order_id)

    def test_lets_one_of_eight_claim_a_reaction(self, outbox: SqlOutbox) -> None:
        (id_,) = self.owed(outbox)

        with ThreadPoolExecutor(8) as pool:
            claims = [
                pool.submit(outbox.claim, id_, at=NOON, until=NOON + MINUTE) for _ in range(8)
            ]

        assert sum(it.result() is not None for it in claims) == 1

    def test_owes_once_what_eight_relays_take_at_a_time(self, outbox: SqlOutbox) -> None:
        for _ in range(20):
            self.publish(outbox, "order.placed", uuid4())

        with ThreadPoolExecutor(8) as pool:
            expanded = [pool.submit(outbox.expand, ASKED, at=NOON, limit=5) for _ in range(8)]
            taken = sum(it.result() for it in expanded)
        taken += sum(outbox.expand(ASKED, at=NOON, limit=20) for _ in range(2))
        with ThreadPoolExecutor(8) as pool:
            rung = [pool.submit(outbox.due, at=NOON, limit=10) for _ in range(8)]
            due = [id_ for it in rung for id_ in it.result()]

        assert taken == 20
        assert len(due) == len(set(due))
        assert len(due) + len(outbox.due(at=NOON, limit=100)) == 40


class TestSqlAnswers(AnswersContract):
    @pytest.fixture
    def answers(self, engine: Engine) -> SqlAnswers:
        self.engine = engine
        return SqlAnswers(engine)

    def conclude(self, answers: SqlAnswers, attempt: Attempt) -> None:  # type: ignore[override]
        with self.engine.begin() as db:
            conclude(db, attempt, ORDER, [Placed(ORDER)])

    def test_publishes_what_happened_if_it_is_done(self, answers: SqlAnswers) -> None:
        late, other = begun(answers), begun(answers, at=NOON + GIVEN_UP_AFTER)

        with pytest.raises(IdempotencyInProgress):
            self.conclude(answers, late)
        with self.engine.begin() as db:
            conclude(db, other, None, [])
            conclude(db, other, ORDER, [Placed(ORDER), Placed(ORDER)])

        with self.engine.connect() as db:
            told = db.execute(select(events.c.name, events.c.data)).all()
        assert told == [("order.placed", {"order_id": str(ORDER)})] * 2

    def test_lets_one_of_eight_run(self, answers: SqlAnswers) -> None:
        def begin(_: int) -> str:
            try:
                answers.begin(SLOT, body_hash="a", at=NOON)
            except IdempotencyInProgress:
                return "wait"
            return "run"

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(begin, range(8)))

        assert sorted(outcomes) == ["run"] + ["wait"] * 7
