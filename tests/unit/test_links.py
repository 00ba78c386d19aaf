from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.links import AnswerLinkRequest, IssueLink, RequestLink
from nexus.application.ports.system import OwedReaction, StoredEvent
from nexus.domain.account_changes import PasswordResetRequested
from nexus.domain.one_time_tokens import LinkRequested, Purpose, digest
from nexus.domain.shared import Event, new_id
from nexus.domain.users import User, UserNotFound, VerificationRequested
from tests.people import NOON

DAY = timedelta(days=1)


class TestRequestLink:
    @pytest.mark.parametrize("email", ["Hana@Example.com", "nobody@example.com"])
    def test_notes_who_asked_without_looking_who_that_is(
        self, store: MemoryStore, hana: User, email: str
    ) -> None:
        RequestLink(store, Purpose.RESET_PASSWORD)(email=email)

        assert store.events == [LinkRequested(email.lower(), Purpose.RESET_PASSWORD)]


class TestAnswerLinkRequest:
    def answer(
        self,
        store: MemoryStore,
        purpose: Purpose,
        *,
        email: str = "hana@example.com",
        after: int = 0,
    ) -> list[Event]:
        event = StoredEvent(new_id(), "asked", NOON, {"email": email, "purpose": purpose.value})
        answer = AnswerLinkRequest(store, lambda: NOON + timedelta(seconds=after))
        answer(owed=OwedReaction(new_id(), "answer", event, 1))
        return store.events

    def test_owes_the_owner_a_mail_once_a_minute(self, store: MemoryStore, hana: User) -> None:
        for after in (0, 1, 59, 60):
            self.answer(store, Purpose.RESET_PASSWORD, after=after)

        assert store.events == [PasswordResetRequested(hana.id)] * 2

    def test_counts_each_kind_of_mail_by_itself(self, store: MemoryStore, hana: User) -> None:
        self.answer(store, Purpose.RESET_PASSWORD)
        self.answer(store, Purpose.VERIFY_EMAIL)

        assert store.events == [PasswordResetRequested(hana.id), VerificationRequested(hana.id)]

    @pytest.mark.parametrize("purpose", [Purpose.RESET_PASSWORD, Purpose.VERIFY_EMAIL])
    def test_owes_nobody_anything(self, store: MemoryStore, purpose: Purpose) -> None:
        assert self.answer(store, purpose, email="nobody@example.com") == []

    def test_owes_no_verification_to_whoever_is_verified(
        self, store: MemoryStore, hana: User
    ) -> None:
        with store() as work:
            hana.verified_at = NOON
            work.users.save(hana)

        assert self.answer(store, Purpose.VERIFY_EMAIL) == []

    @pytest.mark.parametrize("purpose", [Purpose.RESET_PASSWORD, Purpose.VERIFY_EMAIL])
    def test_owes_nothing_to_a_disabled_account(
        self, store: MemoryStore, hana: User, purpose: Purpose
    ) -> None:
        with store() as work:
            hana.is_active = False
            work.users.save(hana)

        assert self.answer(store, purpose) == []


class TestIssueLink:
    @pytest.fixture
    def issue(self, store: MemoryStore) -> IssueLink:
        return IssueLink(store, lambda: NOON, Purpose.CHANGE_EMAIL, DAY)

    @pytest.mark.parametrize("email", [None, "new@example.com"])
    def test_keeps_the_hash_beside_the_address_that_it_proves(
        self, store: MemoryStore, issue: IssueLink, hana: User, email: str | None
    ) -> None:
        secret = issue(user_id=hana.id, email=email)

        with store() as work:
            kept = work.one_time_tokens.find(digest(secret), Purpose.CHANGE_EMAIL, at=NOON)
        assert kept
        assert (kept.email, kept.expires_at) == (email or hana.email, NOON + DAY)

    def test_has_no_link_for_nobody(self, issue: IssueLink) -> None:
        with pytest.raises(UserNotFound):
            issue(user_id=new_id())
