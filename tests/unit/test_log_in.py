import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.adapters.passwords import Argon2Passwords
from nexus.application.factors import CheckSecondFactor
from nexus.application.sessions import LogIn
from nexus.domain.sessions import Session
from nexus.domain.users import AccountDisabled, EmailNotVerified, InvalidCredentials, User
from tests.people import CHEAP, NOON, PASSWORD, TOTP, WEAK, user

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


def kept(store: MemoryStore, session_id: UUID) -> Session:
    with store() as work:
        session = work.sessions.lock(session_id)
        assert session
        return session


def disable(store: MemoryStore, hana: User) -> None:
    hana.is_active = False
    with store() as work:
        work.users.save(hana)


class TestLogIn:
    @pytest.mark.parametrize("identifier", ["hana@example.com", " HANA@example.com", "hana"])
    def test_begins_a_session_by_address_or_name(
        self, store: MemoryStore, log_in: LogIn, hana: User, identifier: str
    ) -> None:
        opened = log_in(identifier=identifier, password=PASSWORD)

        session = kept(store, opened.session_id)
        assert (opened.user_id, opened.refresh_id) == (hana.id, session.refresh_id)
        assert session.is_open(at=NOON)
        assert not session.is_open(at=NOON + WEEK)

    @pytest.mark.parametrize(
        ("identifier", "password"),
        [("hana@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("nobody", PASSWORD)],
    )
    def test_does_not_say_what_was_wrong(
        self, log_in: LogIn, hana: User, identifier: str, password: str
    ) -> None:
        with pytest.raises(InvalidCredentials) as refusal:
            log_in(identifier=identifier, password=password)

        assert refusal.value.members() == {}

    def test_compares_a_password_for_an_unknown_account_too(self, log_in: LogIn) -> None:
        compared: list[str | None] = []

        class Counting(Argon2Passwords):
            def matches(self, password: str, kept: str | None) -> bool:
                compared.append(kept)
                return super().matches(password, kept)

        with pytest.raises(InvalidCredentials):
            replace(log_in, passwords=Counting(WEAK))(identifier="nobody", password=PASSWORD)

        assert compared == [None]

    def test_refuses_a_disabled_account_to_its_owner_alone(
        self, store: MemoryStore, log_in: LogIn, hana: User
    ) -> None:
        disable(store, hana)

        with pytest.raises(AccountDisabled):
            log_in(identifier=hana.email, password=PASSWORD)
        with pytest.raises(InvalidCredentials):
            log_in(identifier=hana.email, password="wrong")

    def test_refuses_a_password_that_is_changed_while_it_is_compared(
        self, store: MemoryStore, log_in: LogIn, hana: User
    ) -> None:
        class Slow(Argon2Passwords):
            def matches(self, password: str, kept: str | None) -> bool:
                with store() as work:
                    work.users.save(replace(hana, password_hash=CHEAP.hash("another")))
                return super().matches(password, kept)

        with pytest.raises(InvalidCredentials):
            replace(log_in, passwords=Slow(WEAK))(identifier="hana", password=PASSWORD)

    def test_refuses_an_account_that_is_disabled_while_its_password_is_compared(
        self, store: MemoryStore, log_in: LogIn, hana: User
    ) -> None:
        class Slow(Argon2Passwords):
            def matches(self, password: str, kept: str | None) -> bool:
                disable(store, hana)
                return super().matches(password, kept)

        with pytest.raises(AccountDisabled):
            replace(log_in, passwords=Slow(WEAK))(identifier="hana", password=PASSWORD)

    def test_takes_only_the_fields_that_are_set(self, log_in: LogIn, hana: User) -> None:
        only_email = replace(log_in, login_fields=("email",))

        with pytest.raises(InvalidCredentials):
            only_email(identifier="hana", password=PASSWORD)

    def test_may_ask_for_a_verified_address(self, log_in: LogIn, hana: User) -> None:
        with pytest.raises(EmailNotVerified):
            replace(log_in, only_verified=True)(identifier=hana.email, password=PASSWORD)

    def test_brings_the_guests_cart_along(self, log_in: LogIn, hana: User) -> None:
        claimed: list[tuple[str, UUID]] = []

        def claim(*, cart_token: str, customer_id: UUID) -> None:
            claimed.append((cart_token, customer_id))

        log_in = replace(log_in, claim_cart=claim)
        log_in(identifier=hana.email, password=PASSWORD, cart_token="cart")
        log_in(identifier=hana.email, password=PASSWORD)

        assert claimed == [("cart", hana.id)]

    def test_never_fails_because_of_a_cart(
        self, log_in: LogIn, hana: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        def claim(*, cart_token: str, customer_id: UUID) -> None:
            raise ZeroDivisionError

        log_in = replace(log_in, claim_cart=claim)

        opened = log_in(identifier=hana.email, password=PASSWORD, cart_token="cart")

        assert opened.user_id == hana.id
        assert [it.levelno for it in caplog.records] == [logging.ERROR]
