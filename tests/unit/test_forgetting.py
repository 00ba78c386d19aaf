from datetime import datetime, timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application import forgetting
from nexus.application.forgetting import (
    GUESTS_WAIT_FOR,
    JOBS_KEPT_FOR,
    KEPT_FOR,
    ForgetJobs,
    ForgetSpent,
    ForgetWaitingGuests,
)
from nexus.application.links import IssueLink
from nexus.domain.jobs import Job
from nexus.domain.one_time_tokens import Purpose
from nexus.domain.sessions import Session
from nexus.domain.shared import new_id
from nexus.domain.stock_alerts import StockAlert
from nexus.domain.users import User
from tests.people import NOON

DAY = timedelta(days=1)


class TestForgetSpent:
    def begin(self, store: MemoryStore, owner: User, *, lasting: timedelta) -> UUID:
        session = Session.begin(owner.id, at=NOON, lifetime=lasting)
        with store() as work:
            work.sessions.add(session)
        IssueLink(store, lambda: NOON, Purpose.VERIFY_EMAIL, lasting)(user_id=owner.id)
        return session.id

    def test_forgets_what_ended_long_ago_and_nothing_else(
        self, store: MemoryStore, hana: User
    ) -> None:
        old = self.begin(store, hana, lasting=DAY)
        recent = self.begin(store, hana, lasting=DAY * 2)
        forget = ForgetSpent(store, lambda: NOON + DAY * 1.5 + KEPT_FOR)

        assert [forget(), forget()] == [2, 0]

        with store() as work:
            assert work.sessions.lock(old) is None
            assert work.sessions.lock(recent)


class TestForgetWaitingGuests:
    def wait(self, store: MemoryStore, email: str, *, since: datetime) -> None:
        with store() as work:
            work.stock_alerts.add(StockAlert(new_id(), new_id(), None, since, email=email))

    def test_forgets_all_who_waited_long_however_many(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(forgetting, "BATCH", 2)
        for name in ("abel", "dawit", "eve", "meron"):
            self.wait(store, f"{name}@example.com", since=NOON)
        self.wait(store, "recent@example.com", since=NOON + DAY)
        forget = ForgetWaitingGuests(store, lambda: NOON + DAY / 2 + GUESTS_WAIT_FOR)

        assert [forget(), forget()] == [4, 0]

        with store() as work:
            remove = work.stock_alerts.remove
            assert remove(user_id=None, email="recent@example.com", product=None) == 1


class TestForgetJobs:
    def test_forgets_what_ended_long_ago_and_leaves_what_runs(self, store: MemoryStore) -> None:
        old, recent, running = (Job.queue("test", {}, by=None, at=NOON) for _ in range(3))
        old.succeed(at=NOON)
        recent.fail("cancelled", at=NOON + DAY)
        with store() as work:
            for job in (old, recent, running):
                work.jobs.add(job)
        forget = ForgetJobs(store, lambda: NOON + DAY / 2 + JOBS_KEPT_FOR)

        assert [forget(), forget()] == [1, 0]

        with store() as work:
            assert [work.jobs.lock(it.id) for it in (recent, running)] == [recent, running]
