from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from nexus.adapters.sql.api_tokens import api_tokens
from nexus.adapters.sql.users import users
from nexus.bootstrap import Container
from tests.integration.shop import Shop
from tests.integration.signed_in import Customer, admin, customer, problem

HOUR = timedelta(hours=1)
NOBODY = "01900000-0000-7000-8000-000000000000"
PRODUCT = {"name": "Jebena", "price": "450.00"}


@pytest.fixture
def boss(container: Container) -> Customer:
    return admin(container)


def make(owner: Customer, *permissions: str, **facts: Any) -> dict[str, Any]:
    body = {"name": "Stock import", "permissions": list(permissions)} | facts
    made = owner.call("POST", "/auth/tokens", body)
    assert made.status_code == 201, made.get_json()
    told: dict[str, Any] = made.get_json()
    return told


def change(container: Container, **values: Any) -> None:
    with container.engine().begin() as db:
        db.execute(update(users).values(**values))


class Program:
    """Something that calls with a token."""

    def __init__(self, http: FlaskClient, token: str) -> None:
        self._http, self._headers = http, {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self._http.open(f"/api/v1{path}", method=method, json=body, headers=self._headers)


class TestMakingTokens:
    def test_shows_the_secret_once(self, boss: Customer) -> None:
        answer = boss.call("POST", "/auth/tokens", {"name": "Import"})

        made = answer.get_json()
        assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
        assert made["token"].startswith(made["prefix"])
        (listed,) = boss.call("GET", "/auth/tokens").get_json()
        assert listed == {name: value for name, value in made.items() if name != "token"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("permissions", ["everything"]),
            ("permissions", "catalog.write"),
            ("name", ""),
            ("name", "x" * 101),
            ("expires_at", "2020-01-01T00:00:00Z"),
            ("expires_at", "tomorrow"),
            ("user_id", NOBODY),
        ],
    )
    def test_wants_what_can_be_meant(self, boss: Customer, field: str, value: Any) -> None:
        answer = boss.call("POST", "/auth/tokens", {"name": "Import"} | {field: value})

        assert problem(answer) == (422, "validation_failed")
        assert any(name.startswith(field) for name in answer.get_json()["errors"])

    def test_gives_no_more_than_its_owner_has(self, container: Container) -> None:
        body = {"name": "Import", "permissions": ["catalog.write"]}

        answer = customer(container).call("POST", "/auth/tokens", body)

        assert problem(answer) == (422, "validation_failed")


class TestCallingWithTokens:
    def test_may_do_what_it_says_and_no_more(self, http: FlaskClient, boss: Customer) -> None:
        program = Program(http, make(boss, "catalog.write")["token"])

        assert program.call("POST", "/products", PRODUCT).status_code == 201
        assert problem(program.call("GET", "/users")) == (403, "forbidden")
        assert program.call("GET", "/users/me").get_json()["email"] == "admin@example.com"

    def test_may_do_no_more_than_its_owner_still_may(
        self, container: Container, http: FlaskClient, boss: Customer
    ) -> None:
        program = Program(http, make(boss, "catalog.write", "users.read")["token"])

        change(container, role="staff", permissions=["users.read"])
        assert problem(program.call("POST", "/products", PRODUCT)) == (403, "forbidden")
        assert program.call("GET", "/users").status_code == 200
        change(container, role="customer", permissions=["users.read"])
        assert problem(program.call("GET", "/users")) == (403, "forbidden")

    def test_is_never_an_administrator(self, http: FlaskClient, boss: Customer) -> None:
        program = Program(http, make(boss, "users.read", "users.write")["token"])

        me = boss.tokens["user"]["id"]
        answer = program.call("PATCH", f"/users/{me}", {"role": "customer"})

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/auth/tokens"),
            ("POST", "/auth/tokens"),
            ("DELETE", f"/auth/tokens/{NOBODY}"),
            ("GET", "/auth/sessions"),
            ("DELETE", f"/auth/sessions/{NOBODY}"),
            ("POST", "/auth/logout-all"),
            ("GET", "/auth/factors"),
            ("POST", "/auth/factors/totp"),
            ("POST", "/auth/factors/totp/confirm"),
            ("DELETE", "/auth/factors/totp"),
            ("POST", "/auth/password/change"),
            ("POST", "/auth/email/change"),
            ("DELETE", "/users/me"),
        ],
    )
    def test_decides_over_no_account(
        self, http: FlaskClient, boss: Customer, method: str, path: str
    ) -> None:
        program = Program(http, make(boss, "users.write")["token"])

        assert problem(program.call(method, path, {})) == (403, "forbidden")

    def test_ends_when_it_is_revoked_or_its_owner_disabled(
        self, container: Container, http: FlaskClient, boss: Customer
    ) -> None:
        gone, left = (make(boss) for _ in range(2))
        assert boss.call("DELETE", f"/auth/tokens/{gone['id']}").status_code == 204

        refused = Program(http, gone["token"]).call("GET", "/users/me")
        assert problem(refused) == (401, "token_invalid")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        again = boss.call("DELETE", f"/auth/tokens/{gone['id']}")
        assert problem(again) == (404, "not_found")
        assert [it["id"] for it in boss.call("GET", "/auth/tokens").get_json()] == [left["id"]]
        program = Program(http, left["token"])
        assert program.call("GET", "/users/me").status_code == 200
        change(container, is_active=False)
        assert problem(program.call("GET", "/users/me")) == (401, "token_invalid")

    def test_ends_in_its_time(
        self, container: Container, http: FlaskClient, boss: Customer
    ) -> None:
        soon = (datetime.now(UTC) + HOUR).isoformat()
        program = Program(http, make(boss, expires_at=soon)["token"])
        assert program.call("GET", "/users/me").status_code == 200

        past = datetime.now(UTC)
        with container.engine().begin() as db:
            db.execute(update(api_tokens).values(created_at=past - HOUR, expires_at=past))

        assert problem(program.call("GET", "/users/me")) == (401, "token_invalid")

    def test_of_others_are_as_if_they_were_not_there(
        self, container: Container, http: FlaskClient, boss: Customer
    ) -> None:
        made = make(boss)
        hana = customer(container)

        for missing in (made["id"], NOBODY):
            answer = hana.call("DELETE", f"/auth/tokens/{missing}")
            assert problem(answer) == (404, "not_found")
        assert Program(http, made["token"]).call("GET", "/users/me").status_code == 200

    def test_costs_one_query_and_a_write_now_and_then(self, shop: Shop, boss: Customer) -> None:
        visitor = shop.visitor(make(boss)["token"])

        counts = []
        for _ in range(2):
            with shop.statements() as sent:
                visitor.get("/users/me")
            counts.append([it.split()[0] for it in sent])

        assert counts == [["SELECT", "UPDATE", "SELECT"], ["SELECT", "SELECT"]]
        (listed,) = boss.call("GET", "/auth/tokens").get_json()
        assert listed["last_used_at"]
