from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.emails import ConfirmEmailChange, RequestEmailChange, VerifyEmail
from nexus.application.links import IssueLink
from nexus.domain.account_changes import EmailChanged, EmailChangeRequested
from nexus.domain.one_time_tokens import LinkInvalid, Purpose
from nexus.domain.shared import AlreadyExists, ValidationFailed
from nexus.domain.users import EmailVerified, User
from tests.people import CHEAP, NOON, PASSWORD, user

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def found(store: MemoryStore, owner: User) -> User:
    with store() as work:
        return work.users.by_id(owner.id)


class TestVerifyEmail:
    @pytest.fixture
    def issue(self, store: MemoryStore) -> IssueLink:
        return IssueLink(store, lambda: NOON, Purpose.VERIFY_EMAIL, DAY)

    @pytest.fixture
    def verify(self, store: MemoryStore) -> VerifyEmail:
        return VerifyEmail(store, lambda: NOON + HOUR)

    def test_believes_the_token_that_was_mailed(
        self, store: MemoryStore, issue: IssueLink, verify: VerifyEmail, hana: User
    ) -> None:
        verify(token=issue(user_id=hana.id))

        assert found(store, hana).verified_at == NOON + HOUR
        assert store.events == [EmailVerified(hana.id)]

    def test_believes_it_once(self, issue: IssueLink, verify: VerifyEmail, hana: User) -> None:
        token = issue(user_id=hana.id)
        verify(token=token)

        with pytest.raises(LinkInvalid):
            verify(token=token)

    def test_believes_an_earlier_one_that_was_not_used(
        self, store: MemoryStore, issue: IssueLink, verify: VerifyEmail, hana: User
    ) -> None:
        earlier, _ = issue(user_id=hana.id), issue(user_id=hana.id)

        verify(token=earlier)

        assert found(store, hana).is_verified

    def test_believes_no_other_and_none_that_is_too_old(
        self, store: MemoryStore, issue: IssueLink, verify: VerifyEmail, hana: User
    ) -> None:
        late = VerifyEmail(store, lambda: NOON + DAY)

        with pytest.raises(LinkInvalid):
            late(token=issue(user_id=hana.id))
        with pytest.raises(LinkInvalid):
            verify(token="made up")

    def test_believes_none_that_was_mailed_to_another_address(
        self, store: MemoryStore, issue: IssueLink, verify: VerifyEmail, hana: User
    ) -> None:
        with pytest.raises(LinkInvalid):
            verify(token=issue(user_id=hana.id, email="other@example.com"))

        assert not found(store, hana).is_verified


class TestRequestEmailChange:
    @pytest.fixture
    def request_change(self, store: MemoryStore) -> RequestEmailChange:
        return RequestEmailChange(store, CHEAP)

    @pytest.mark.parametrize("wanted", ["New@Example.com", "taken@example.com"])
    def test_asks_alike_for_a_free_address_and_for_another_accounts(
        self, store: MemoryStore, request_change: RequestEmailChange, hana: User, wanted: str
    ) -> None:
        with store() as work:
            work.users.add(user("taken@example.com"))

        request_change(user_id=hana.id, new_email=wanted, password=PASSWORD)

        assert store.events == [EmailChangeRequested(hana.id, wanted.lower())]
        assert found(store, hana).email == hana.email

    @pytest.mark.parametrize(
        ("wanted", "password", "field"),
        [
            ("new@example.com", "not-" + PASSWORD, "password"),
            ("Hana@example.com", PASSWORD, "new_email"),
        ],
    )
    def test_refuses_a_wrong_password_and_the_address_that_it_is(
        self,
        store: MemoryStore,
        request_change: RequestEmailChange,
        hana: User,
        wanted: str,
        password: str,
        field: str,
    ) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            request_change(user_id=hana.id, new_email=wanted, password=password)

        assert list(refusal.value.errors) == [field]
        assert store.events == []


class TestConfirmEmailChange:
    @pytest.fixture
    def issue(self, store: MemoryStore) -> IssueLink:
        return IssueLink(store, lambda: NOON, Purpose.CHANGE_EMAIL, DAY)

    @pytest.fixture
    def confirm(self, store: MemoryStore) -> ConfirmEmailChange:
        return ConfirmEmailChange(store, lambda: NOON)

    def test_moves_the_account_to_the_address_that_was_proved(
        self, store: MemoryStore, issue: IssueLink, confirm: ConfirmEmailChange, hana: User
    ) -> None:
        confirm(token=issue(user_id=hana.id, email="new@example.com"))

        moved = found(store, hana)
        assert (moved.email, moved.is_verified) == ("new@example.com", True)
        assert store.events == [EmailChanged(hana.id, hana.email), EmailVerified(hana.id)]

    def test_voids_the_links_to_other_addresses(
        self, store: MemoryStore, issue: IssueLink, confirm: ConfirmEmailChange, hana: User
    ) -> None:
        first = issue(user_id=hana.id, email="first@example.com")
        confirm(token=issue(user_id=hana.id, email="second@example.com"))

        with pytest.raises(LinkInvalid):
            confirm(token=first)

        assert found(store, hana).email == "second@example.com"

    def test_refuses_an_address_that_another_got_meanwhile(
        self, store: MemoryStore, issue: IssueLink, confirm: ConfirmEmailChange, hana: User
    ) -> None:
        token = issue(user_id=hana.id, email="new@example.com")
        with store() as work:
            work.users.add(user("new@example.com"))

        with pytest.raises(AlreadyExists):
            confirm(token=token)

        assert found(store, hana) == hana
