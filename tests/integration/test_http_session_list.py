from collections.abc import Iterator
from datetime import timedelta

import pytest
from dependency_injector import providers
from flask.testing import FlaskClient
from sqlalchemy import update

from nexus.adapters.sql.users import users
from nexus.application.sessions import NOTED_EVERY
from nexus.bootstrap import Container, close, read_container
from nexus.domain.shared import new_id
from tests.integration.shop import Shop
from tests.integration.signed_in import Customer, admin, customer, let_pass, problem
from tests.people import CHEAP, PASSWORD


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


class TestSessions:
    def test_are_listed_with_where_they_were_begun(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        customer(container, "other@example.com")
        let_pass(container, timedelta(hours=1))
        body = {"email": "hana@example.com", "password": PASSWORD}
        agent = {"User-Agent": "Mozilla/5.0 (Android 14) Gecko/127.0 Firefox/127.0"}
        http.post("/api/v1/auth/login", json=body, headers=agent)

        listed = hana.call("GET", "/auth/sessions").get_json()

        told = [(it["device"], it["ip"], it["is_current"]) for it in listed]
        assert told == [
            ("Werkzeug", "127.0.0.0/24", True),
            ("Firefox on Android", "127.0.0.0/24", False),
        ]
        assert set(listed[0]) == {
            "id", "created_at", "last_used_at", "device", "ip", "is_current",
        }  # fmt: skip

    def test_end_one_by_one(self, http: FlaskClient, hana: Customer) -> None:
        other = Customer(http, "hana@example.com")
        listed = hana.call("GET", "/auth/sessions").get_json()
        (theirs,) = (it["id"] for it in listed if not it["is_current"])

        assert hana.call("DELETE", f"/auth/sessions/{theirs}").status_code == 204
        assert problem(other.call("GET", "/users/me")) == (401, "token_invalid")
        assert problem(hana.call("DELETE", f"/auth/sessions/{theirs}")) == (404, "not_found")
        assert len(hana.call("GET", "/auth/sessions").get_json()) == 1

    def test_of_others_are_as_if_they_were_not_there(
        self, container: Container, hana: Customer
    ) -> None:
        other = customer(container, "other@example.com")
        (theirs,) = other.call("GET", "/auth/sessions").get_json()

        for missing in (theirs["id"], new_id()):
            answer = hana.call("DELETE", f"/auth/sessions/{missing}")
            assert problem(answer) == (404, "not_found")
        assert other.call("GET", "/users/me").status_code == 200

    def test_are_written_to_every_few_minutes_and_not_by_every_request(
        self, shop: Shop, container: Container, hana: Customer
    ) -> None:
        visitor = shop.visitor(hana.tokens["access"])
        let_pass(container, NOTED_EVERY)

        counts = []
        for _ in range(2):
            with shop.statements() as sent:
                visitor.get("/users/me")
            counts.append([it.split()[0] for it in sent])

        assert counts == [["SELECT", "UPDATE", "SELECT"], ["SELECT", "SELECT"]]


@pytest.fixture(scope="module")
def alone(database_url: str) -> Iterator[Container]:
    where = {"NEXUS_ENV": "test", "DATABASE_URL": database_url}
    alone = read_container(where | {"REDIS_URL": "redis://127.0.0.1:1/0"})
    alone.passwords.override(providers.Object(CHEAP))
    yield alone
    close(alone)


class TestWithoutRedis:
    def test_signing_out_and_being_disabled_bind_at_once(self, alone: Container) -> None:
        gone, disabled = customer(alone, "gone@example.com"), customer(alone)
        assert gone.call("POST", "/auth/logout-all").status_code == 204
        with alone.engine().begin() as db:
            db.execute(update(users).values(is_active=False))

        for it in (gone, disabled):
            assert problem(it.call("GET", "/users/me")) == (401, "token_invalid")

    def test_another_role_binds_at_once(self, alone: Container) -> None:
        clerk = admin(alone)
        assert clerk.call("GET", "/users").status_code == 200
        with alone.engine().begin() as db:
            db.execute(update(users).values(role="staff"))

        assert problem(clerk.call("GET", "/users")) == (403, "forbidden")
