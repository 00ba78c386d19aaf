from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.staff_users import ChangeUser, OnlyAdmins, UserChanges
from nexus.domain.sessions import Session
from nexus.domain.shared import ValidationFailed
from nexus.domain.users import AccountIsClosed, LastAdmin, Role, User, UserNotFound
from tests.people import NOON, user

Change = Callable[..., None]


@pytest.fixture
def change(store: MemoryStore) -> Change:
    use_case = ChangeUser(store, now=lambda: NOON)

    def change(who: User, *, by_admin: bool = False, **changes: Any) -> None:
        use_case(user_id=who.id, changes=UserChanges(**changes), by_admin=by_admin)

    return change


def kept(store: MemoryStore, role: Role = Role.CUSTOMER, email: str = "hana@example.com") -> User:
    person = user(email)
    person.role = role
    with store() as work:
        work.users.add(person)
    return person


def found(store: MemoryStore, who: User) -> User:
    with store() as work:
        return work.users.by_id(who.id)


class TestChangeUser:
    def test_changes_what_is_named_and_nothing_else(
        self, store: MemoryStore, change: Change
    ) -> None:
        hana = kept(store)

        change(hana, profile={"phone": "+251911234567"}, notes="Calls often.")

        assert found(store, hana).staff_notes == "Calls often."
        assert found(store, hana).profile.phone == "+251911234567"
        assert found(store, hana).profile.first_name == hana.profile.first_name

    def test_signs_a_disabled_user_out_everywhere(self, store: MemoryStore, change: Change) -> None:
        hana = kept(store)
        session = Session.begin(hana.id, at=NOON, lifetime=timedelta(days=7))
        with store() as work:
            work.sessions.add(session)

        change(hana, is_active=False)
        change(hana, is_active=True)

        with store() as work:
            ended = work.sessions.lock(session.id)
        assert ended
        assert ended.revoked_at == NOON
        assert found(store, hana).is_active

    def test_gives_a_role_with_its_permissions(self, store: MemoryStore, change: Change) -> None:
        hana = kept(store)

        change(hana, by_admin=True, role=Role.STAFF, permissions=frozenset({"catalog.write"}))

        assert found(store, hana).role is Role.STAFF
        assert found(store, hana).permissions == {"catalog.write"}

    def test_takes_the_permissions_away_with_the_role(
        self, store: MemoryStore, change: Change
    ) -> None:
        hana = kept(store)
        change(hana, by_admin=True, role=Role.STAFF, permissions=frozenset({"catalog.write"}))

        change(hana, by_admin=True, role=Role.CUSTOMER)

        assert found(store, hana).permissions == set()

    @pytest.mark.parametrize(
        "changes",
        [
            {"role": Role.STAFF, "permissions": frozenset({"everything"})},
            {"permissions": frozenset({"catalog.write"})},
            {"role": Role.ADMIN, "permissions": frozenset({"catalog.write"})},
        ],
    )
    def test_refuses_permissions_that_mean_nothing(
        self, store: MemoryStore, change: Change, changes: dict[str, Any]
    ) -> None:
        hana = kept(store)

        with pytest.raises(ValidationFailed) as refusal:
            change(hana, by_admin=True, **changes)

        assert list(refusal.value.errors) == ["permissions"]

    @pytest.mark.parametrize(
        "changes", [{"role": Role.ADMIN}, {"role": Role.CUSTOMER}, {"permissions": frozenset()}]
    )
    def test_lets_staff_give_no_role(
        self, store: MemoryStore, change: Change, changes: dict[str, Any]
    ) -> None:
        hana = kept(store, Role.STAFF)

        with pytest.raises(OnlyAdmins):
            change(hana, **changes)

    def test_lets_staff_change_no_administrator(self, store: MemoryStore, change: Change) -> None:
        kept(store, Role.ADMIN, "other@example.com")
        chief = kept(store, Role.ADMIN)

        with pytest.raises(OnlyAdmins):
            change(chief, is_active=False)

    @pytest.mark.parametrize("changes", [{"role": Role.CUSTOMER}, {"is_active": False}])
    def test_keeps_the_last_administrator(
        self, store: MemoryStore, change: Change, changes: dict[str, Any]
    ) -> None:
        disabled = kept(store, Role.ADMIN, "disabled@example.com")
        chief = kept(store, Role.ADMIN)
        change(disabled, by_admin=True, is_active=False)

        with pytest.raises(LastAdmin):
            change(chief, by_admin=True, **changes)

        assert found(store, chief).is_admin

    def test_lets_one_of_two_administrators_go(self, store: MemoryStore, change: Change) -> None:
        kept(store, Role.ADMIN, "other@example.com")
        chief = kept(store, Role.ADMIN)

        change(chief, by_admin=True, role=Role.CUSTOMER)

        assert found(store, chief).role is Role.CUSTOMER

    def test_brings_no_closed_account_back(self, store: MemoryStore, change: Change) -> None:
        hana = kept(store)
        with store() as work:
            hana.close("", at=NOON)
            work.users.save(hana)

        with pytest.raises(AccountIsClosed):
            change(hana, is_active=True)

    def test_refuses_an_unknown_user(self, change: Change) -> None:
        with pytest.raises(UserNotFound):
            change(user(), notes="Who?")
