"""What every outbox promises."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from nexus.application.ports.system import RING_AGAIN_AFTER, Outbox, OwedReaction
from nexus.domain.shared import new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ASKED = {"order.placed": ("send_mail", "count_sale"), "user.left": ("wave",)}


class OutboxContract:
    @pytest.fixture
    def outbox(self) -> Outbox:
        raise NotImplementedError

    def publish(self, outbox: Outbox, name: str, order_id: UUID) -> None:
        raise NotImplementedError

    def owed(self, outbox: Outbox, name: str = "user.left") -> list[UUID]:
        self.publish(outbox, name, uuid4())
        outbox.expand(ASKED, at=NOON, limit=10)
        return outbox.due(at=NOON, limit=10)

    def claimed(self, outbox: Outbox, reaction_id: UUID, at: datetime = NOON) -> OwedReaction:
        owed = outbox.claim(reaction_id, at=at, until=at + MINUTE)
        assert owed
        return owed

    def test_owes_each_reaction_to_an_event_once(self, outbox: Outbox) -> None:
        order_id = uuid4()
        self.publish(outbox, "order.placed", order_id)

        assert outbox.expand(ASKED, at=NOON, limit=10) == 1
        assert outbox.expand(ASKED, at=NOON, limit=10) == 0

        claimed = [self.claimed(outbox, it) for it in outbox.due(at=NOON, limit=10)]
        assert {it.reaction for it in claimed} == {"send_mail", "count_sale"}
        assert {it.event.name for it in claimed} == {"order.placed"}
        assert [it.event.data for it in claimed] == [{"order_id": str(order_id)}] * 2

    def test_lets_events_pass_that_nobody_asked_for(self, outbox: Outbox) -> None:
        self.publish(outbox, "nothing.follows", uuid4())

        assert outbox.expand(ASKED, at=NOON, limit=10) == 1
        assert outbox.due(at=NOON, limit=10) == []

    def test_takes_no_more_events_than_it_may(self, outbox: Outbox) -> None:
        for _ in range(3):
            self.publish(outbox, "user.left", uuid4())

        assert [outbox.expand(ASKED, at=NOON, limit=2) for _ in range(3)] == [2, 1, 0]

    def test_says_again_what_is_due_when_nobody_came(self, outbox: Outbox) -> None:
        due = self.owed(outbox)

        assert outbox.due(at=NOON, limit=10) == []
        assert outbox.due(at=NOON + RING_AGAIN_AFTER, limit=10) == due

    def test_gives_a_reaction_to_one_at_a_time(self, outbox: Outbox) -> None:
        (id_,) = self.owed(outbox)

        assert self.claimed(outbox, id_).attempts == 1
        assert outbox.claim(id_, at=NOON, until=NOON + MINUTE) is None
        assert outbox.due(at=NOON + RING_AGAIN_AFTER, limit=10) == []

    def test_gives_it_to_another_when_the_lease_has_ended(self, outbox: Outbox) -> None:
        (id_,) = self.owed(outbox)
        self.claimed(outbox, id_)

        assert outbox.due(at=NOON + MINUTE, limit=10) == [id_]
        assert self.claimed(outbox, id_, at=NOON + MINUTE).attempts == 2

    def test_never_gives_again_what_is_done(self, outbox: Outbox) -> None:
        (id_,) = self.owed(outbox)
        self.claimed(outbox, id_)
        outbox.done(id_, at=NOON)

        outbox.failed(id_, error="too late", retry_at=NOON)

        assert outbox.claim(id_, at=NOON + MINUTE, until=NOON + 2 * MINUTE) is None
        assert outbox.due(at=NOON + MINUTE, limit=10) == []

    def test_owes_what_failed_again_at_its_time(self, outbox: Outbox) -> None:
        (id_,) = self.owed(outbox)
        self.claimed(outbox, id_)
        outbox.failed(id_, error="no route", retry_at=NOON + timedelta(seconds=2))

        assert outbox.claim(id_, at=NOON, until=NOON + MINUTE) is None
        assert outbox.due(at=NOON + timedelta(seconds=1), limit=10) == []
        assert outbox.due(at=NOON + timedelta(seconds=2), limit=10) == [id_]

    def test_buries_what_has_no_next_time(self, outbox: Outbox) -> None:
        (id_,) = self.owed(outbox)
        self.claimed(outbox, id_)
        outbox.failed(id_, error="no such mailbox", retry_at=None)

        assert outbox.due(at=NOON + 60 * MINUTE, limit=10) == []
        assert outbox.claim(id_, at=NOON + MINUTE, until=NOON + 2 * MINUTE) is None

    def test_keeps_the_reactions_of_one_event_apart(self, outbox: Outbox) -> None:
        one, other = self.owed(outbox, "order.placed")
        self.claimed(outbox, one)
        outbox.failed(one, error="no such mailbox", retry_at=None)

        assert self.claimed(outbox, other).attempts == 1

    def test_forgets_what_was_done_long_ago_and_nothing_else(self, outbox: Outbox) -> None:
        done, *_ = self.owed(outbox)
        self.claimed(outbox, done)
        outbox.done(done, at=NOON)
        (dead,) = self.owed(outbox)
        self.claimed(outbox, dead)
        outbox.failed(dead, error="no such mailbox", retry_at=None)

        assert outbox.forget(before=NOON) == 0
        assert outbox.forget(before=NOON + MINUTE) == 1
        assert outbox.forget(before=NOON + MINUTE) == 0

    def test_knows_nothing_of_a_strange_id(self, outbox: Outbox) -> None:
        assert outbox.claim(new_id(), at=NOON, until=NOON + MINUTE) is None
