"""Every route of the finished shop, whoever wrote it: nobody gets past its door uninvited."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from nexus.bootstrap import Container
from nexus.domain.shared import new_id
from nexus.entrypoints.http.access import Access, Door, access_of
from tests.integration.signed_in import Customer, customer

READ_BY_WERKZEUG = {"HEAD", "OPTIONS"}


def routes(app: Flask) -> Iterator[tuple[str, str, Access]]:
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        assert access, f"{rule} does not say who may call it"
        for method in (rule.methods or set()) - READ_BY_WERKZEUG:
            yield method, path(rule), access


def path(rule: Rule) -> str:
    """Return an address of the rule's form, of something that does not exist."""
    numbered = re.sub(r"<int:\w+>", "7", str(rule))
    return re.sub(r"<[^>]*>", str(new_id()), numbered)


def closed(app: Flask, *doors: Door) -> list[tuple[str, str]]:
    return [(method, path) for method, path, access in routes(app) if access.door in doors]


def outcome(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, (answer.get_json(silent=True) or {}).get("code", "")


@pytest.fixture
def app(container: Container) -> Flask:
    return container.http()


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


class TestEveryRoute:
    def test_of_customers_and_staff_is_closed_to_strangers_before_anything_else(
        self, app: Flask
    ) -> None:
        http = app.test_client()
        bodies = ("{", "[]", '{"unknown": 1}')

        for method, where in closed(app, Door.CUSTOMER, Door.STAFF):
            for body in bodies:
                answer = http.open(where, method=method, data=body, content_type="text/plain")
                assert outcome(answer) == (401, "unauthenticated"), f"{method} {where}"

    def test_that_looks_at_credentials_refuses_bad_ones(self, app: Flask) -> None:
        http, headers = app.test_client(), {"Authorization": "Bearer garbage"}

        for method, where in closed(app, Door.VISITOR, Door.CUSTOMER, Door.STAFF):
            answer = http.open(where, method=method, headers=headers, data="{")
            assert outcome(answer) == (401, "token_invalid"), f"{method} {where}"

    def test_of_staff_is_closed_to_customers(self, app: Flask, hana: Customer) -> None:
        http = app.test_client()

        for method, where in closed(app, Door.STAFF):
            answer = http.open(where, method=method, headers=hana.headers, data="{")
            assert outcome(answer) == (403, "forbidden"), f"{method} {where}"

    def test_stands_in_the_document_with_what_it_asks_for(self, app: Flask) -> None:
        document = app.test_client().get("/api/openapi.json").get_json()
        operations = [
            operation
            for path in document["paths"].values()
            for method, operation in path.items()
            if method != "parameters"
        ]

        assert operations
        assert all("security" in operation for operation in operations)
        assert all(operation["summary"] for operation in operations)
