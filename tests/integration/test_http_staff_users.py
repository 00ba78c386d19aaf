from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from nexus.application.staff_users import UserChanges
from nexus.bootstrap import Container
from nexus.domain.users import LastAdmin, Profile, Role
from tests.integration.signed_in import Customer, admin, customer, problem
from tests.people import PASSWORD

Appoint = Callable[..., Customer]


@pytest.fixture
def chief(container: Container) -> Customer:
    return admin(container)


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


@pytest.fixture
def appoint(container: Container, chief: Customer) -> Appoint:
    def appoint(*permissions: str, email: str = "staff@example.com") -> Customer:
        someone = customer(container, email)
        body = {"role": "staff", "permissions": list(permissions)}
        assert chief.call("PATCH", f"/users/{someone.id}", body).status_code == 200
        return someone

    return appoint


@pytest.fixture
def people(container: Container, chief: Customer) -> None:
    known = {
        "abebe@example.com": Profile("abebe", "Abebe", "Bikila", "+251911234567"),
        "tirunesh@example.com": Profile("tiru", "Tirunesh", "Dibaba"),
    }
    for email, profile in known.items():
        container.ensure_customer()(email=email, password=PASSWORD, profile=profile)


def emails(who: Customer, query: str) -> list[str]:
    answer = who.call("GET", f"/users?{query}")
    assert answer.status_code == 200, answer.text
    return [it["email"] for it in answer.get_json()["results"]]


@pytest.mark.usefixtures("people")
class TestListUsers:
    @pytest.mark.parametrize("words", ["ABEBE@ex", "bikila", "Abebe Bik", "abeb", "911234567"])
    def test_finds_by_address_name_username_and_phone(self, chief: Customer, words: str) -> None:
        assert emails(chief, f"search={words}") == ["abebe@example.com"]

    def test_takes_wildcards_for_what_they_are(self, chief: Customer) -> None:
        assert emails(chief, "search=%25") == []

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("role=admin", ["admin@example.com"]),
            ("is_active=false", ["abebe@example.com"]),
            ("is_verified=false", ["tirunesh@example.com"]),
            ("role=customer&is_active=true", ["tirunesh@example.com"]),
        ],
    )
    def test_filters(
        self, container: Container, chief: Customer, query: str, found: list[str]
    ) -> None:
        with container.engine().begin() as db:
            db.execute(text("UPDATE users SET is_active = false WHERE email ~ 'abebe'"))
            db.execute(text("UPDATE users SET verified_at = null WHERE email ~ 'tirunesh'"))

        assert emails(chief, query) == found

    @pytest.mark.parametrize(
        ("ordering", "found"),
        [("email", ["abebe", "admin", "tirunesh"]), ("-email", ["tirunesh", "admin", "abebe"])],
    )
    def test_orders(self, chief: Customer, ordering: str, found: list[str]) -> None:
        assert emails(chief, f"ordering={ordering}") == [f"{it}@example.com" for it in found]

    def test_comes_in_pages_the_newest_first(self, chief: Customer) -> None:
        page = chief.call("GET", "/users?page_size=2").get_json()

        assert page["count"] == 3
        assert [it["email"][:5] for it in page["results"]] == ["tirun", "abebe"]
        assert page["next"].endswith("page_size=2&page=2")

    @pytest.mark.parametrize("query", ["ordering=password_hash", "role=king", "is_active=perhaps"])
    def test_refuses_what_it_does_not_know(self, chief: Customer, query: str) -> None:
        assert chief.call("GET", f"/users?{query}").status_code == 422


class TestShowUser:
    def test_shows_what_staff_need_to_know(self, appoint: Appoint, hana: Customer) -> None:
        shown = appoint("users.read").call("GET", f"/users/{hana.id}").get_json()

        assert shown["email"] == "hana@example.com"
        assert (shown["role"], shown["permissions"], shown["notes"]) == ("customer", [], "")
        assert (shown["is_active"], shown["is_verified"]) == (True, True)
        assert shown["last_seen_at"] >= shown["created_at"]

    def test_knows_nobody_of_an_unknown_id(self, chief: Customer) -> None:
        path = "/users/01936f2e-7c1a-7bd2-9c56-3b1f0a8d4e11"

        assert problem(chief.call("GET", path)) == (404, "not_found")
        assert problem(chief.call("PATCH", path, {"notes": "?"})) == (404, "not_found")


class TestChangeUser:
    def test_lets_staff_mend_a_profile_and_leave_notes(
        self, appoint: Appoint, hana: Customer
    ) -> None:
        changes = {"last_name": "Tesfaye", "phone": "0911234567", "notes": "Calls often."}

        answer = appoint("users.write").call("PATCH", f"/users/{hana.id}", changes)

        assert answer.status_code == 200
        assert answer.get_json().items() >= (changes | {"phone": "+251911234567"}).items()
        assert "Calls" not in hana.call("GET", "/users/me").text

    def test_ends_every_session_of_whom_it_disables(
        self, container: Container, appoint: Appoint, hana: Customer
    ) -> None:
        clerk = appoint("users.write")

        assert clerk.call("PATCH", f"/users/{hana.id}", {"is_active": False}).status_code == 200

        http = container.http().test_client()
        signed_in = {"email": "hana@example.com", "password": PASSWORD}
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")
        assert problem(http.post("/api/v1/auth/login", json=signed_in)) == (403, "account_disabled")
        clerk.call("PATCH", f"/users/{hana.id}", {"is_active": True})
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")
        assert http.post("/api/v1/auth/login", json=signed_in).status_code == 200

    def test_binds_tokens_that_are_out_already(self, appoint: Appoint, chief: Customer) -> None:
        clerk = appoint("users.read")
        assert clerk.call("GET", "/users").status_code == 200

        chief.call("PATCH", f"/users/{clerk.id}", {"permissions": []})

        assert problem(clerk.call("GET", "/users")) == (403, "forbidden")

    @pytest.mark.parametrize(
        "changes", [{"role": "admin"}, {"role": "customer"}, {"permissions": ["users.read"]}]
    )
    def test_leaves_roles_to_administrators(
        self, appoint: Appoint, hana: Customer, changes: dict[str, Any]
    ) -> None:
        clerk = appoint("users.read", "users.write")

        for someone in (hana, clerk):
            answer = clerk.call("PATCH", f"/users/{someone.id}", changes | {"notes": "x"})
            assert problem(answer) == (403, "forbidden")
            shown = clerk.call("GET", f"/users/{someone.id}").get_json()
            assert (shown["role"] == "admin", shown["notes"]) == (False, "")

    def test_lets_staff_change_no_administrator(self, appoint: Appoint, chief: Customer) -> None:
        clerk = appoint("users.write")

        answer = clerk.call("PATCH", f"/users/{chief.id}", {"is_active": False})

        assert problem(answer) == (403, "forbidden")

    @pytest.mark.parametrize(
        "changes",
        [
            {"role": "staff", "permissions": ["users.delete"]},
            {"permissions": ["catalog.write"]},
            {"role": "king"},
            {"email": "other@example.com"},
            {"is_verified": True},
            {"is_active": None},
        ],
    )
    def test_refuses_what_means_nothing(
        self, chief: Customer, hana: Customer, changes: dict[str, Any]
    ) -> None:
        answer = chief.call("PATCH", f"/users/{hana.id}", changes)

        assert problem(answer) == (422, "validation_failed")
        assert chief.call("GET", f"/users/{hana.id}").get_json()["role"] == "customer"

    @pytest.mark.parametrize("changes", [{"role": "customer"}, {"is_active": False}])
    def test_keeps_the_last_administrator(self, chief: Customer, changes: dict[str, Any]) -> None:
        answer = chief.call("PATCH", f"/users/{chief.id}", changes)

        assert problem(answer) == (409, "last_admin")
        assert chief.call("GET", "/audit").status_code == 200

    def test_keeps_one_administrator_however_many_leave_at_once(
        self, container: Container, chief: Customer
    ) -> None:
        leaving = [chief, *(admin(container, f"admin{it}@example.com") for it in range(5))]

        def demote(who: Customer) -> bool:
            changes = UserChanges(role=Role.CUSTOMER)
            try:
                container.change_user()(user_id=UUID(who.id), changes=changes, by_admin=True)
            except LastAdmin:
                return False
            return True

        with ThreadPoolExecutor(len(leaving)) as pool:
            gone = list(pool.map(demote, leaving))

        assert gone.count(False) == 1
        with container.work() as work:
            assert len(work.users.lock_admins()) == 1


def test_the_first_administrator_is_made_once_however_often_it_is_asked_for(
    container: Container,
) -> None:
    def ensure(_: int) -> UUID:
        return container.ensure_admin()(email="Admin@Example.com", password=PASSWORD)

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(ensure, range(8)))

    assert len(made) == 1
    assert admin(container).call("GET", "/users").get_json()["count"] == 1
