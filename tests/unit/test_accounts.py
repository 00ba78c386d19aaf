from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.accounts import CloseAccount, EnsureAccount, Register
from nexus.application.ports.shopping import CartOwner
from nexus.domain.account_changes import AccountClosed
from nexus.domain.api_tokens import ApiToken
from nexus.domain.carts import Cart
from nexus.domain.factors import TotpFactor
from nexus.domain.one_time_tokens import OneTimeToken, Purpose
from nexus.domain.passwords import PasswordRules
from nexus.domain.sessions import Session
from nexus.domain.shared import ValidationFailed, new_id
from nexus.domain.users import (
    AccountExists,
    CustomerRegistered,
    LastAdmin,
    Preferences,
    Profile,
    Role,
    User,
    UsernameTaken,
)
from tests.people import CHEAP, NOON, PASSWORD, saved_address, user

WEEK = timedelta(days=7)
RULES = PasswordRules(least=8, common=frozenset({"password"}))
NOBODY = Profile()


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


class TestCloseAccount:
    @pytest.fixture
    def close(self, store: MemoryStore) -> CloseAccount:
        return CloseAccount(store, CHEAP, lambda: NOON)

    def test_leaves_nothing_of_the_person(
        self, store: MemoryStore, close: CloseAccount, hana: User
    ) -> None:
        session = Session.begin(hana.id, at=NOON, lifetime=WEEK)
        book = [saved_address(hana.id), saved_address(hana.id, is_default=True)]
        owner = CartOwner(customer_id=hana.id)
        with store() as work:
            work.sessions.add(session)
            work.carts.open(Cart(new_id(), "ETB", NOON, customer_id=hana.id))
            for saved in book:
                work.addresses.add(saved)

        close(user_id=hana.id)

        with store() as work:
            closed = work.users.by_id(hana.id)
            ended = work.sessions.lock(session.id)
            kept = work.addresses.by_ids([it.id for it in book], owner=hana.id)
            cart = work.carts.lock(owner)
        assert (closed.profile, closed.email) == (Profile(), f"{hana.id}@closed.invalid")
        assert (closed.is_active, closed.is_verified, closed.closed_at) == (False, False, NOON)
        assert not CHEAP.matches(PASSWORD, closed.password_hash)
        assert ended
        assert ended.revoked_at == NOON
        assert (kept, cart) == ({}, None)
        assert store.events == [AccountClosed(hana.id)]

    def test_ends_what_else_opened_it(
        self, store: MemoryStore, close: CloseAccount, hana: User
    ) -> None:
        token, _ = ApiToken.issue(hana.id, "till", frozenset(), at=NOON, expires_at=None)
        link = OneTimeToken(
            "a" * 64, hana.id, Purpose.RESET_PASSWORD, hana.email, NOON, NOON + WEEK
        )
        with store() as work:
            work.api_tokens.add(token)
            work.factors.add(TotpFactor.begin(hana.id, "sealed", at=NOON))
            work.one_time_tokens.add(link)

        close(user_id=hana.id)

        with store() as work:
            assert work.api_tokens.lock(token.id, owner=hana.id).revoked_at == NOON
            assert work.factors.lock(hana.id) is None
            assert not work.one_time_tokens.find(link.token_hash, link.purpose, at=NOON)

    def test_frees_the_address_and_the_name(
        self, store: MemoryStore, close: CloseAccount, hana: User
    ) -> None:
        close(user_id=hana.id)

        with store() as work:
            work.users.add(user(hana.email, username=hana.profile.username))
        assert found(store).id != hana.id

    def test_keeps_one_administrator(self, store: MemoryStore, close: CloseAccount) -> None:
        first, last = (user(f"{name}@example.com") for name in ("first", "last"))
        for admin in (first, last):
            admin.role = Role.ADMIN
            with store() as work:
                work.users.add(admin)

        close(user_id=first.id)
        with pytest.raises(LastAdmin):
            close(user_id=last.id)

        assert found(store, "last@example.com") == last
