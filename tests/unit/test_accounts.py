from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.accounts import (
    EnsureAccount,
    IssueVerification,
    Register,
    RequestVerification,
    VerifyEmail,
)
from nexus.domain.one_time_tokens import LinkInvalid
from nexus.domain.shared import ValidationFailed
from nexus.domain.users import (
    AccountExists,
    CustomerRegistered,
    EmailVerified,
    PasswordRules,
    Preferences,
    Profile,
    Role,
    User,
    UsernameTaken,
    UserNotFound,
    VerificationRequested,
)
from tests.people import CHEAP, NOON, PASSWORD, user

RULES = PasswordRules(least=8, common=frozenset({"password"}))
NOBODY = Profile()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def hana(store: MemoryStore) -> User:
    hana = user(username="hana")
    with store() as work:
        work.users.add(hana)
    return hana


def found(store: MemoryStore, email: str = "hana@example.com") -> User:
    with store() as work:
        user = work.users.by_email(email)
        assert user
        return user


class TestRegister:
    @pytest.fixture
    def register(self, store: MemoryStore) -> Register:
        return Register(store, CHEAP, RULES, lambda: NOON, Preferences(currency="ETB"))

    def test_opens_an_account_that_has_yet_to_be_verified(
        self, store: MemoryStore, register: Register
    ) -> None:
        register(email=" Hana@Example.com", password=PASSWORD, profile=Profile("hana", "Hana"))

        hana = found(store)
        assert CHEAP.matches(PASSWORD, hana.password_hash)
        assert (hana.profile, hana.role) == (Profile("hana", "Hana"), Role.CUSTOMER)
        assert not hana.is_verified
        assert store.events == [CustomerRegistered(hana.id)]

    def test_tells_the_owner_of_an_address_that_has_an_account(
        self, store: MemoryStore, register: Register, hana: User
    ) -> None:
        register(email=hana.email, password="another-password", profile=NOBODY)

        assert store.events == [AccountExists(hana.id)]
        assert CHEAP.matches(PASSWORD, found(store).password_hash)

    @pytest.mark.parametrize("email", ["hana@example.com", "new@example.com"])
    def test_refuses_a_name_that_is_taken_whoever_asks(
        self, store: MemoryStore, register: Register, hana: User, email: str
    ) -> None:
        with pytest.raises(UsernameTaken):
            register(email=email, password=PASSWORD, profile=Profile("HANA"))

        assert store.events == []

    def test_refuses_a_weak_password_before_anything_else(
        self, register: Register, hana: User
    ) -> None:
        with pytest.raises(ValidationFailed):
            register(email=hana.email, password="password", profile=Profile("hana"))


class TestEnsureAccount:
    @pytest.fixture
    def ensure_admin(self, store: MemoryStore) -> EnsureAccount:
        return EnsureAccount(store, CHEAP, RULES, lambda: NOON, Role.ADMIN)

    def test_makes_one_that_is_verified_and_mails_nobody(
        self, store: MemoryStore, ensure_admin: EnsureAccount
    ) -> None:
        id_ = ensure_admin(email="Admin@nexus.test", password=PASSWORD)

        admin = found(store, "admin@nexus.test")
        assert (admin.id, admin.role, admin.is_verified) == (id_, Role.ADMIN, True)
        assert store.events == []

    def test_leaves_one_alone_that_exists(
        self, store: MemoryStore, ensure_admin: EnsureAccount, hana: User
    ) -> None:
        assert ensure_admin(email=hana.email, password="another-password") == hana.id

        assert found(store) == hana


class TestVerifyEmail:
    @pytest.fixture
    def issue(self, store: MemoryStore) -> IssueVerification:
        return IssueVerification(store, lambda: NOON, timedelta(hours=24))

    @pytest.fixture
    def verify(self, store: MemoryStore) -> VerifyEmail:
        return VerifyEmail(store, lambda: NOON + timedelta(hours=1))

    def test_believes_the_token_that_was_mailed(
        self, store: MemoryStore, issue: IssueVerification, verify: VerifyEmail, hana: User
    ) -> None:
        verify(token=issue(user_id=hana.id))

        assert found(store).verified_at == NOON + timedelta(hours=1)
        assert store.events == [EmailVerified(hana.id)]

    def test_believes_it_once(
        self, issue: IssueVerification, verify: VerifyEmail, hana: User
    ) -> None:
        token = issue(user_id=hana.id)
        verify(token=token)

        with pytest.raises(LinkInvalid):
            verify(token=token)

    def test_believes_no_other_and_none_that_is_too_old(
        self, store: MemoryStore, issue: IssueVerification, verify: VerifyEmail, hana: User
    ) -> None:
        late = VerifyEmail(store, lambda: NOON + timedelta(hours=24))

        with pytest.raises(LinkInvalid):
            late(token=issue(user_id=hana.id))
        with pytest.raises(LinkInvalid):
            verify(token="made up")

    def test_has_no_token_for_nobody(self, issue: IssueVerification) -> None:
        with pytest.raises(UserNotFound):
            issue(user_id=user().id)


class TestRequestVerification:
    def ask(self, store: MemoryStore, email: str, after: timedelta = timedelta()) -> None:
        RequestVerification(store, lambda: NOON + after)(email=email)

    def test_asks_for_a_mail_once_a_minute(self, store: MemoryStore, hana: User) -> None:
        for seconds in (0, 1, 59, 60):
            self.ask(store, "HANA@example.com", timedelta(seconds=seconds))

        assert store.events == [VerificationRequested(hana.id)] * 2

    def test_is_silent_about_unknown_and_verified_addresses(
        self, store: MemoryStore, hana: User
    ) -> None:
        with store() as work:
            hana.verify(at=NOON)
            hana.events.clear()
            work.users.save(hana)

        self.ask(store, hana.email)
        self.ask(store, "nobody@example.com")

        assert store.events == []
