from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.system import MemoryOutbox, MemoryQueue
from nexus.application.outbox import LEASE, ForgetDelivered, RelayEvents, RunReaction
from nexus.application.ports.gateways import MailUnavailable
from nexus.application.ports.system import RING_AGAIN_AFTER, OwedReaction, StoredEvent
from nexus.domain.shared import new_id

ASKED = {"order.placed": ("send_mail", "count_sale")}


class Stage:
    """An outbox with somebody who reacts, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self.outbox = MemoryOutbox()
        self.queue = MemoryQueue()
        self.mailed: list[OwedReaction] = []
        self.counted: list[OwedReaction] = []
        self.mail_fails = False
        reactions = {"send_mail": self.send_mail, "count_sale": self.count_sale}
        self.relay = RelayEvents(self.outbox, self.queue, ASKED, now=self.now)
        self.run_reaction = RunReaction(self.outbox, reactions, now=self.now)

    def now(self) -> datetime:
        return self.at

    def send_mail(self, *, owed: OwedReaction) -> None:
        if self.mail_fails:
            raise MailUnavailable
        self.mailed.append(owed)

    def count_sale(self, *, owed: OwedReaction) -> None:
        self.counted.append(owed)

    def publish(self) -> UUID:
        event = StoredEvent(new_id(), "order.placed", self.at, {})
        self.outbox.publish(event)
        return event.id

    def wait(self, **duration: float) -> None:
        """Let time pass, and have whoever is rung for work."""
        self.at += timedelta(**duration)
        self.queue.rung.clear()
        self.relay()
        for reaction_id in self.queue.rung:
            self.run_reaction(reaction_id=reaction_id)


@pytest.fixture
def stage() -> Stage:
    return Stage()


class TestRelayEvents:
    def test_rings_once_for_each_reaction(self, stage: Stage) -> None:
        stage.publish()

        stage.relay()
        stage.relay()

        assert len(stage.queue.rung) == 2

    def test_rings_again_when_nobody_came(self, stage: Stage) -> None:
        stage.publish()
        stage.relay()

        stage.at += RING_AGAIN_AFTER
        stage.relay()

        assert len(stage.queue.rung) == 4


class TestRunReaction:
    def test_does_what_the_event_asks_for(self, stage: Stage) -> None:
        event_id = stage.publish()

        stage.wait(seconds=0)

        assert [it.event.id for it in stage.mailed + stage.counted] == [event_id, event_id]

    def test_does_it_once_however_often_it_is_rung_for(self, stage: Stage) -> None:
        stage.publish()
        stage.relay()

        for reaction_id in stage.queue.rung * 2:
            stage.run_reaction(reaction_id=reaction_id)

        assert (len(stage.mailed), len(stage.counted)) == (1, 1)

    def test_tries_again_later_and_later_and_then_gives_up(self, stage: Stage) -> None:
        stage.mail_fails = True
        stage.publish()

        attempts = []
        for seconds in (0, 9, 1, 59, 1, 299, 1, 86_400):
            stage.wait(seconds=seconds)
            attempts.append(len(stage.queue.rung))

        # Two at first: the other reaction to the event is not disturbed.
        assert attempts == [2, 0, 1, 0, 1, 0, 1, 0]
        assert len(stage.counted) == 1

    def test_succeeds_at_a_later_attempt_under_the_same_id(self, stage: Stage) -> None:
        stage.mail_fails = True
        stage.publish()
        stage.wait(seconds=0)
        failed = stage.queue.rung[0]
        stage.mail_fails = False

        stage.wait(seconds=10)

        assert [(it.id, it.attempts) for it in stage.mailed] == [(failed, 2)]

    def test_goes_on_after_a_worker_that_died(self, stage: Stage) -> None:
        stage.publish()
        stage.relay()
        stage.outbox.claim(stage.queue.rung[0], at=stage.at, until=stage.at + LEASE)

        stage.wait(seconds=LEASE.total_seconds() - 1)
        assert not stage.mailed

        stage.wait(seconds=1)
        assert len(stage.mailed) == 1

    def test_gives_up_what_kills_whoever_runs_it(self, stage: Stage) -> None:
        stage.publish()
        stage.relay()
        killer = stage.queue.rung[0]
        for _ in range(4):
            stage.outbox.claim(killer, at=stage.at, until=stage.at + LEASE)
            stage.at += LEASE

        stage.wait(seconds=0)
        stage.wait(days=1)

        assert not stage.mailed


class TestForgetDelivered:
    def test_keeps_what_was_delivered_this_week(self, stage: Stage) -> None:
        forget = ForgetDelivered(stage.outbox, now=stage.now)
        stage.publish()
        stage.wait(seconds=0)

        stage.at += timedelta(days=7)
        assert forget() == 0
        stage.at += timedelta(seconds=1)
        assert forget() == 1
