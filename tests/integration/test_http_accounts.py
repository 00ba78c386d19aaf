from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from nexus.bootstrap import Container
from tests.integration.outbox import events
from tests.integration.shop import Shop
from tests.integration.signed_in import Customer, customer, post, problem
from tests.people import PASSWORD

HANA = {"email": "hana@example.com", "password": PASSWORD, "username": "hana"}


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


class TestRegister:
    def test_opens_an_account_that_can_sign_in_at_once(self, http: FlaskClient) -> None:
        answer = post(http, "register", HANA | {"first_name": " Hana ", "phone": "0911 23 45 67"})

        assert (answer.status_code, list(answer.get_json())) == (201, ["message"])
        user = post(http, "login", {"username": "HANA", "password": PASSWORD}).get_json()["user"]
        assert user.pop("id")
        assert user.pop("created_at").endswith("Z")
        assert user == {
            "email": "hana@example.com",
            "username": "hana",
            "first_name": "Hana",
            "last_name": "",
            "phone": "+251911234567",
            "is_verified": False,
            "role": "customer",
            "preferences": {"locale": "en", "currency": "ETB", "marketing_opt_in": False},
        }

    def test_answers_alike_for_an_address_that_has_an_account(
        self, http: FlaskClient, container: Container
    ) -> None:
        first = post(http, "register", HANA)
        again = post(http, "register", {"email": "Hana@Example.com ", "password": "another-one"})

        assert (again.status_code, again.get_json()) == (201, first.get_json())
        assert events(container) == ["customer.registered", "internal.account_exists"]

    def test_is_the_same_work_whoever_has_an_account(self, shop: Shop) -> None:
        shop.customer("abebe")
        visitor = shop.visitor()

        sent = []
        for name in ("abebe", "nobody"):
            with shop.statements() as statements:
                visitor.post(
                    "/auth/register", {"email": f"{name}@example.com", "password": PASSWORD}
                )
            sent.append(statements)

        assert sent[0] == sent[1]
        assert len(sent[0]) == 3

    def test_opens_one_account_however_often_it_is_asked_at_once(
        self, http: FlaskClient, container: Container
    ) -> None:
        body = {"email": "hana@example.com", "password": PASSWORD}
        with ThreadPoolExecutor(8) as pool:
            clients = [container.http().test_client() for _ in range(8)]
            answers = list(pool.map(lambda it: post(it, "register", body), clients))

        assert {it.status_code for it in answers} == {201}
        assert Counter(events(container)) == {
            "customer.registered": 1,
            "internal.account_exists": 7,
        }

    def test_refuses_a_name_that_is_taken(self, http: FlaskClient) -> None:
        post(http, "register", HANA)

        answer = post(http, "register", HANA | {"email": "new@example.com", "username": "Hana"})

        assert problem(answer) == (409, "username_taken")
        assert answer.get_json()["field"] == "username"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"password": "short"}, "password"),
            ({"password": "password123"}, "password"),
            ({"password": "hana@example.com"}, "password"),
            ({"password": "x" * 129}, "password"),
            ({"password": None}, "password"),
            ({"password": 12345678}, "password"),
            ({"email": "hana"}, "email"),
            ({"email": "hana@[127.0.0.1]"}, "email"),
            ({"email": '"a b"@example.com'}, "email"),
            ({"email": "x" * 250 + "@example.com"}, "email"),
            ({"email": "ሀና@example.com"}, "email"),
            ({"email": None}, "email"),
            ({"username": "hana@example.com"}, "username"),
            ({"username": "ha na"}, "username"),
            ({"first_name": "Hana\nBcc: x@example.com"}, "first_name"),
            ({"first_name": "x" * 151}, "first_name"),
            ({"phone": "call me"}, "phone"),
            ({"phone": "+1"}, "phone"),
            ({"role": "admin"}, "role"),
            ({"is_verified": True}, "is_verified"),
        ],
    )
    def test_names_the_field_that_cannot_be(
        self, http: FlaskClient, container: Container, changes: dict[str, Any], field: str
    ) -> None:
        answer = post(http, "register", HANA | changes)

        assert problem(answer) == (422, "validation_failed")
        assert list(answer.get_json()["errors"]) == [field]
        assert events(container) == []

    @pytest.mark.parametrize("password", ["testpass123", "securepass"])
    def test_takes_the_passwords_of_the_systems_before(
        self, http: FlaskClient, password: str
    ) -> None:
        assert post(http, "register", HANA | {"password": password}).status_code == 201


class TestDocument:
    @pytest.fixture
    def document(self, http: FlaskClient) -> dict[str, Any]:
        document: dict[str, Any] = http.get("/api/openapi.json").get_json()
        return document

    def test_has_a_log_in_that_works_when_pasted(
        self, http: FlaskClient, container: Container, document: dict[str, Any]
    ) -> None:
        container.ensure_customer()(email="abebe@nexus.test", password="nexus-customer-local")

        operation = document["paths"]["/api/v1/auth/login"]["post"]
        body = operation["requestBody"]["content"]["application/json"]["example"]

        assert post(http, "login", body).status_code == 200

    def test_has_fields_that_work_when_pasted(
        self, http: FlaskClient, container: Container, document: dict[str, Any]
    ) -> None:
        abebe = customer(container, "abebe@nexus.test")
        schemas = document["components"]["schemas"]

        answers = [
            post(http, "register", example(schemas["RegisterBody"])),
            abebe.call("PATCH", "/users/me", example(schemas["ProfileChanges"])),
            abebe.call("POST", "/addresses", example(schemas["SavedAddressBody"])),
        ]

        assert [it.status_code for it in answers] == [201, 200, 201]


def example(schema: dict[str, Any]) -> dict[str, Any]:
    told = schema["properties"].items()
    return {name: it["example"] for name, it in told if "example" in it}
