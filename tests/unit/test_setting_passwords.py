from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.emails import ConfirmEmailChange
from nexus.application.links import IssueLink
from nexus.application.passwords import ChangePassword, ResetPassword
from nexus.domain.account_changes import PasswordChanged, PasswordReset
from nexus.domain.one_time_tokens import LinkInvalid, Purpose
from nexus.domain.passwords import PasswordRules
from nexus.domain.sessions import Session
from nexus.domain.shared import ValidationFailed, new_id
from nexus.domain.users import EmailVerified, User
from tests.people import CHEAP, NOON, PASSWORD

RULES = PasswordRules(least=8, common=frozenset({"password"}))
ANOTHER = "four-cups-of-buna"
HOUR = timedelta(hours=1)


@pytest.fixture
def sessions(store: MemoryStore, hana: User) -> list[Session]:
    sessions = [Session.begin(hana.id, at=NOON, lifetime=HOUR) for _ in range(2)]
    with store() as work:
        for session in sessions:
            work.sessions.add(session)
    return sessions


@pytest.fixture
def issue(store: MemoryStore) -> IssueLink:
    return IssueLink(store, lambda: NOON, Purpose.RESET_PASSWORD, HOUR)


@pytest.fixture
def reset(store: MemoryStore) -> ResetPassword:
    return ResetPassword(store, CHEAP, RULES, lambda: NOON)


def kept(store: MemoryStore, owner: User) -> str:
    with store() as work:
        return work.users.by_id(owner.id).password_hash


def open_ones(store: MemoryStore, sessions: list[Session]) -> list[bool]:
    with store() as work:
        found = [work.sessions.lock(it.id) for it in sessions]
    return [it is not None and it.is_open(at=NOON) for it in found]


class TestChangePassword:
    @pytest.fixture
    def change(self, store: MemoryStore) -> ChangePassword:
        return ChangePassword(store, CHEAP, RULES, lambda: NOON)

    def test_sets_another_and_ends_every_other_session(
        self, store: MemoryStore, change: ChangePassword, hana: User, sessions: list[Session]
    ) -> None:
        change(
            user_id=hana.id,
            session_id=sessions[1].id,
            current_password=PASSWORD,
            new_password=ANOTHER,
        )

        assert CHEAP.matches(ANOTHER, kept(store, hana))
        assert open_ones(store, sessions) == [False, True]
        assert store.events == [PasswordChanged(hana.id)]

    @pytest.mark.parametrize(
        ("current", "new", "field"),
        [("not-" + PASSWORD, ANOTHER, "current_password"), (PASSWORD, "password", "new_password")],
    )
    def test_changes_nothing_where_one_of_them_cannot_be(
        self,
        store: MemoryStore,
        change: ChangePassword,
        hana: User,
        sessions: list[Session],
        current: str,
        new: str,
        field: str,
    ) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            change(user_id=hana.id, session_id=new_id(), current_password=current, new_password=new)

        assert list(refusal.value.errors) == [field]
        assert CHEAP.matches(PASSWORD, kept(store, hana))
        assert open_ones(store, sessions) == [True, True]

    def test_voids_the_links_that_were_mailed(
        self, change: ChangePassword, issue: IssueLink, reset: ResetPassword, hana: User
    ) -> None:
        link = issue(user_id=hana.id)

        change(user_id=hana.id, session_id=None, current_password=PASSWORD, new_password=ANOTHER)

        with pytest.raises(LinkInvalid):
            reset(token=link, password="five-cups-of-buna")


class TestResetPassword:
    def test_sets_another_and_ends_every_session(
        self,
        store: MemoryStore,
        issue: IssueLink,
        reset: ResetPassword,
        hana: User,
        sessions: list[Session],
    ) -> None:
        reset(token=issue(user_id=hana.id), password=ANOTHER)

        assert CHEAP.matches(ANOTHER, kept(store, hana))
        assert open_ones(store, sessions) == [False, False]
        assert store.events == [PasswordReset(hana.id), EmailVerified(hana.id)]

    def test_voids_every_link_that_was_mailed(
        self, issue: IssueLink, reset: ResetPassword, hana: User
    ) -> None:
        first, second = issue(user_id=hana.id), issue(user_id=hana.id)
        reset(token=first, password=ANOTHER)

        for token in (first, second):
            with pytest.raises(LinkInvalid):
                reset(token=token, password=ANOTHER)

    def test_leaves_a_link_good_after_a_weak_password(
        self, issue: IssueLink, reset: ResetPassword, hana: User
    ) -> None:
        token = issue(user_id=hana.id)
        with pytest.raises(ValidationFailed):
            reset(token=token, password="Hana-Girma")

        reset(token=token, password=ANOTHER)

    def test_believes_none_that_is_too_old_or_for_something_else(
        self, store: MemoryStore, issue: IssueLink, reset: ResetPassword, hana: User
    ) -> None:
        late = ResetPassword(store, CHEAP, RULES, lambda: NOON + HOUR)
        verification = IssueLink(store, lambda: NOON, Purpose.VERIFY_EMAIL, HOUR)

        with pytest.raises(LinkInvalid):
            late(token=issue(user_id=hana.id), password=ANOTHER)
        with pytest.raises(LinkInvalid):
            reset(token=verification(user_id=hana.id), password=ANOTHER)

    def test_believes_none_of_a_disabled_account(
        self, store: MemoryStore, issue: IssueLink, reset: ResetPassword, hana: User
    ) -> None:
        token = issue(user_id=hana.id)
        with store() as work:
            hana.is_active = False
            work.users.save(hana)

        with pytest.raises(LinkInvalid):
            reset(token=token, password=ANOTHER)

    def test_believes_none_that_was_mailed_to_the_address_before(
        self, store: MemoryStore, issue: IssueLink, reset: ResetPassword, hana: User
    ) -> None:
        change = IssueLink(store, lambda: NOON, Purpose.CHANGE_EMAIL, HOUR)
        moved = change(user_id=hana.id, email="new@example.com")
        ConfirmEmailChange(store, lambda: NOON)(token=moved)

        with pytest.raises(LinkInvalid):
            reset(token=issue(user_id=hana.id, email=hana.email), password=ANOTHER)
