from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.users import ChangeProfile
from nexus.domain.one_time_tokens import digest, new_secret
from nexus.domain.users import (
    AccountIsClosed,
    EmailVerified,
    Preferences,
    Profile,
    UsernameTaken,
    UserNotFound,
    VerificationRequested,
    normal_email,
)
from tests.people import NOON, user


class TestUser:
    def test_is_verified_once(self) -> None:
        hana = user()

        hana.verify(at=NOON)
        hana.verify(at=NOON + timedelta(days=1))

        assert hana.verified_at == NOON
        assert hana.events == [EmailVerified(hana.id)]

    def test_asks_for_verification_once_a_minute(self) -> None:
        hana = user()

        hana.ask_for_verification(at=NOON)

        assert hana.events == [VerificationRequested(hana.id)]
        assert not hana.may_ask_for_verification(at=NOON + timedelta(seconds=59))
        assert hana.may_ask_for_verification(at=NOON + timedelta(seconds=60))

    def test_is_closed_for_good(self) -> None:
        hana = user()
        hana.close("nobody's", at=NOON)

        with pytest.raises(AccountIsClosed):
            hana.enable(True)

        assert not hana.is_active

    def test_does_not_show_its_password_where_it_is_printed(self) -> None:
        hana = user()

        assert hana.password_hash not in repr(hana)


class TestChangeProfile:
    def test_changes_what_is_named_and_nothing_else(self) -> None:
        store, hana = MemoryStore(), user(username="hana")
        with store() as work:
            work.users.add(hana)

        ChangeProfile(store)(
            user_id=hana.id, profile={"first_name": "Hanna"}, preferences={"locale": "am"}
        )

        with store() as work:
            found = work.users.by_id(hana.id)
        assert found.profile == Profile("hana", "Hanna", "Girma")
        assert found.preferences == Preferences("am", "ETB")

    def test_refuses_a_name_that_another_has(self) -> None:
        store, hana = MemoryStore(), user()
        with store() as work:
            work.users.add(hana)
            work.users.add(user("other@example.com", username="taken"))

        with pytest.raises(UsernameTaken):
            ChangeProfile(store)(user_id=hana.id, profile={"username": "Taken"}, preferences={})

    def test_refuses_an_unknown_user(self) -> None:
        with pytest.raises(UserNotFound):
            ChangeProfile(MemoryStore())(user_id=user().id, profile={}, preferences={})


def test_addresses_that_look_alike_are_the_same() -> None:
    composed, decomposed = "josé@example.com", "Jose\u0301@Example.com "

    assert normal_email(decomposed) == normal_email(composed)


def test_secrets_are_new_and_kept_as_hashes() -> None:
    one, other = new_secret(), new_secret()

    assert one != other
    assert len(digest(one)) == 64
    assert digest(one) == digest(one)
