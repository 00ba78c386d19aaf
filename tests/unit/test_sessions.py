from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.factors import CheckSecondFactor
from nexus.application.ports.identity import SignedIn
from nexus.application.sessions import (
    NOTED_EVERY,
    EndSession,
    LogIn,
    LogOut,
    LogOutEverywhere,
    NoteUse,
    OpenSession,
    RefreshSession,
)
from nexus.domain.sessions import (
    GRACE,
    RefreshReused,
    Session,
    SessionNotFound,
    TokenInvalid,
    TokenReused,
)
from nexus.domain.shared import new_id
from nexus.domain.users import User
from tests.people import CHEAP, NOON, PASSWORD, TOTP, user

WEEK = timedelta(days=7)


@pytest.fixture
def hana(store: MemoryStore) -> User:
    hana = user(username="Hana")
    with store() as work:
        work.users.add(hana)
    return hana


@pytest.fixture
def log_in(store: MemoryStore) -> LogIn:
    return LogIn(store, CHEAP, lambda: NOON, WEEK, CheckSecondFactor(TOTP))


@pytest.fixture
def opened(log_in: LogIn, hana: User) -> OpenSession:
    return log_in(identifier=hana.email, password=PASSWORD)


def kept(store: MemoryStore, session_id: UUID) -> Session:
    with store() as work:
        session = work.sessions.lock(session_id)
        assert session
        return session


def disable(store: MemoryStore, hana: User) -> None:
    hana.is_active = False
    with store() as work:
        work.users.save(hana)


DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)


class TestRefreshSession:
    def refresh(
        self, store: MemoryStore, opened: OpenSession, after: timedelta = DAY
    ) -> OpenSession:
        use_case = RefreshSession(store, lambda: NOON + after, WEEK)
        return use_case(session_id=opened.session_id, refresh_id=opened.refresh_id)

    def test_exchanges_the_latest_and_lengthens_the_session(
        self, store: MemoryStore, opened: OpenSession
    ) -> None:
        renewed = self.refresh(store, self.refresh(store, opened))

        assert renewed.session_id == opened.session_id
        assert renewed.refresh_id != opened.refresh_id
        assert kept(store, opened.session_id).expires_at == NOON + timedelta(days=8)

    def test_gives_the_same_again_when_the_answer_was_lost(
        self, store: MemoryStore, opened: OpenSession
    ) -> None:
        renewed = self.refresh(store, opened)

        again = [self.refresh(store, opened, DAY + after) for after in (MOMENT, GRACE - MOMENT)]

        assert again == [renewed, renewed]

    def test_ends_the_session_when_one_comes_again_later(
        self, store: MemoryStore, opened: OpenSession
    ) -> None:
        renewed = self.refresh(store, opened)

        for _ in range(2):
            with pytest.raises(TokenReused):
                self.refresh(store, opened, DAY + GRACE)
        with pytest.raises(TokenInvalid):
            self.refresh(store, renewed, DAY + GRACE)
        assert store.events == [RefreshReused(opened.user_id, opened.session_id)]

    def test_ends_the_session_when_one_before_the_previous_comes_however_soon(
        self, store: MemoryStore, opened: OpenSession
    ) -> None:
        renewed = self.refresh(store, self.refresh(store, opened))

        with pytest.raises(TokenReused):
            self.refresh(store, opened)
        with pytest.raises(TokenInvalid):
            self.refresh(store, renewed)

    def test_gives_nothing_again_once_the_session_has_ended(
        self, store: MemoryStore, opened: OpenSession
    ) -> None:
        self.refresh(store, opened)
        LogOut(store, lambda: NOON + DAY)(session_id=opened.session_id)

        with pytest.raises(TokenInvalid):
            self.refresh(store, opened)

    def test_refuses_one_that_is_too_old(self, store: MemoryStore, opened: OpenSession) -> None:
        with pytest.raises(TokenInvalid):
            self.refresh(store, opened, WEEK)

    def test_refuses_a_disabled_account(
        self, store: MemoryStore, opened: OpenSession, hana: User
    ) -> None:
        disable(store, hana)

        with pytest.raises(TokenInvalid):
            self.refresh(store, opened)

    def test_refuses_an_unknown_session(self, store: MemoryStore, opened: OpenSession) -> None:
        with pytest.raises(TokenInvalid):
            self.refresh(store, replace(opened, session_id=new_id()))


class TestLogOut:
    def test_ends_the_session(self, store: MemoryStore, opened: OpenSession) -> None:
        log_out = LogOut(store, lambda: NOON)

        log_out(session_id=opened.session_id)
        log_out(session_id=opened.session_id)

        assert kept(store, opened.session_id).revoked_at == NOON

    def test_refuses_an_unknown_session(self, store: MemoryStore) -> None:
        with pytest.raises(TokenInvalid):
            LogOut(store, lambda: NOON)(session_id=new_id())


class TestLogOutEverywhere:
    def test_ends_every_session(self, store: MemoryStore, log_in: LogIn, hana: User) -> None:
        many = [log_in(identifier=hana.email, password=PASSWORD) for _ in range(2)]

        LogOutEverywhere(store, lambda: NOON)(user_id=hana.id)

        assert [kept(store, it.session_id).revoked_at for it in many] == [NOON, NOON]


class TestEndSession:
    def test_ends_one_of_the_owners(
        self, store: MemoryStore, log_in: LogIn, opened: OpenSession
    ) -> None:
        other = log_in(identifier="hana", password=PASSWORD)

        EndSession(store, lambda: NOON)(session_id=other.session_id, owner=opened.user_id)

        assert kept(store, other.session_id).revoked_at == NOON
        assert kept(store, opened.session_id).revoked_at is None

    def test_knows_nothing_of_anothers_nor_of_one_that_has_ended(
        self, store: MemoryStore, opened: OpenSession
    ) -> None:
        end = EndSession(store, lambda: NOON)
        with pytest.raises(SessionNotFound):
            end(session_id=opened.session_id, owner=new_id())

        end(session_id=opened.session_id, owner=opened.user_id)
        with pytest.raises(SessionNotFound):
            end(session_id=opened.session_id, owner=opened.user_id)


class TestNoteUse:
    @pytest.mark.parametrize(
        ("after", "noted"),
        [(NOTED_EVERY - MOMENT, NOON), (NOTED_EVERY, NOON + NOTED_EVERY)],
    )
    def test_remembers_a_use_every_few_minutes(
        self, store: MemoryStore, hana: User, opened: OpenSession, after: timedelta, noted: datetime
    ) -> None:
        seen = SignedIn(
            user_id=hana.id,
            role="customer",
            permissions=frozenset(),
            is_verified=True,
            email=hana.email,
            locale="en",
            has_factor=False,
            last_used_at=NOON,
            session_id=opened.session_id,
        )

        NoteUse(store, lambda: NOON + after)(seen=seen)

        assert kept(store, opened.session_id).last_used_at == noted
