"""Every route of the shop, whoever wrote it, tried by everybody who could stand at its door.

The routes come from the application and the bodies from its document, so that a new route is
tried as soon as it exists. One that names a thing by a parameter that is not known here fails:
say in `cast.py` what Hana has of it, or below that it is everybody's.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dependency_injector import providers
from sqlalchemy import text

from nexus.adapters.memory.gateway import MemoryGateway
from nexus.adapters.sql.schema import metadata
from nexus.bootstrap import Container, close, read_container
from nexus.domain.shared import new_id
from nexus.entrypoints.http.access import ADMIN, Door
from nexus.entrypoints.http.paths import API
from tests.integration.cast import MISSING, Cast, Character
from tests.integration.documented import Document, Route
from tests.people import CHEAP, PASSWORD

pytestmark = pytest.mark.long

# What no one person has: the name of a parameter, and a value of it.
EVERYBODYS = {
    "category": "cups",
    "product": "mug",
    "collection": "gifts",
    "variant_id": MISSING,
    "coupon_id": MISSING,
    "location_id": MISSING,
    "image_id": str(new_id()),
    "provider": "memory",
    "job_id": MISSING,
    "token": "of no list",
    "name": "init.js",
    "path": "nothing.png",
}
# Open to whoever holds the id, and silent on everything personal (contract, section 10: Guests).
OPEN_BY_ID = "/payments/verify/<uuid:payment_id>"
# Examples name things that nobody has yet.
NAMED_BY_EXAMPLES = {"ids.0", "variant_id"}
# What takes the caller's own access away, so that nothing can be tried after it.
ENDING = {f"POST {API}/auth/logout-all", f"DELETE {API}/users/me"}
# When somebody was last seen, and what they looked at.
WRITTEN_BY_READING = {"sessions", "api_tokens", "product_views"}
# Another word for the name of a product, which the document leaves out.
ALIAS = "title"
COLUMNS = {str(column.name) for table in metadata.tables.values() for column in table.columns}


@contextmanager
def opened(**environ: str) -> Iterator[Container]:
    """Open a shop that counts no calls, since one address makes all of them."""
    container = read_container({"NEXUS_ENV": "test", "RATE_LIMITS": "off"} | environ)
    container.passwords.override(providers.Object(CHEAP))
    container.gateways.override(providers.Object({"memory": MemoryGateway()}))
    try:
        yield container
    finally:
        close(container)


@pytest.fixture(scope="module")
def open_shop(database_url: str, redis_url: str) -> Iterator[Container]:
    with opened(DATABASE_URL=database_url, REDIS_URL=redis_url) as container:
        yield container


@pytest.fixture
def cast(open_shop: Container, database_url: str) -> Cast:
    return Cast(open_shop)


def routes(cast: Cast, *doors: Door) -> list[Route]:
    return [it for it in cast.document.routes if it.access.door in doors]


def private(route: Route) -> bool:
    """Whether its path names something that is one person's."""
    return bool(set(route.parameters) - EVERYBODYS.keys()) and not route.rule.endswith(OPEN_BY_ID)


def same(answer: Any, given: str) -> tuple[int, Any]:
    """Return what it says, but for what differs between any two requests."""
    content = answer.text.replace(given, "…").replace(MISSING, "…")
    told = json.loads(content) if content else None
    if isinstance(told, dict):
        told.pop("request_id", None)
    return answer.status_code, told


class TestDoors:
    def test_no_bad_credential_opens_one(self, cast: Cast) -> None:
        for liar in cast.with_bad_credentials():
            for route in routes(cast, Door.VISITOR, Door.CUSTOMER, Door.STAFF):
                outcome = liar.outcome(route, route.path(EVERYBODYS | cast.things))
                assert outcome == (401, "token_invalid"), f"{liar.name}: {route}"

    def test_nobody_gets_in_without_credentials(self, cast: Cast) -> None:
        for stranger in (cast.anonymous(), cast.guest()):
            for route in routes(cast, Door.CUSTOMER, Door.STAFF):
                outcome = stranger.outcome(route, route.path(EVERYBODYS | cast.things))
                assert outcome == (401, "unauthenticated"), f"{stranger.name}: {route}"

    def test_credentials_change_nothing_where_nobody_looks_at_them(self, cast: Cast) -> None:
        liar, anonymous = cast.holder("garbage", "garbage"), cast.anonymous()

        for route in routes(cast, Door.ANYONE):
            path = route.path(EVERYBODYS | cast.things)
            assert liar.outcome(route, path) == anonymous.outcome(route, path), str(route)

    def test_of_staff_are_closed_to_customers(self, cast: Cast) -> None:
        for route in routes(cast, Door.STAFF):
            outcome = cast.eve.outcome(route, route.path(EVERYBODYS | cast.things))
            assert outcome == (403, "forbidden"), str(route)

    def test_of_staff_are_closed_to_staff_without_the_permission(self, cast: Cast) -> None:
        needed = {it.access.permission: it.access for it in routes(cast, Door.STAFF)}
        others = {it: cast.staff_without(str(it)) for it in needed}

        for route in routes(cast, Door.STAFF):
            someone = others[route.access.permission]
            outcome = someone.outcome(route, route.path(EVERYBODYS | cast.things))
            assert outcome == (403, "forbidden"), f"{someone.name}: {route}"

    def test_of_staff_are_open_to_staff_with_the_permission_alone(self, cast: Cast) -> None:
        needed = {str(it.access.permission) for it in routes(cast, Door.STAFF)} - {"admin"}
        holders = {it: cast.staff(it) for it in needed} | {"admin": cast.staff(role="admin")}
        missing = EVERYBODYS | dict.fromkeys(cast.things, MISSING)

        for route in routes(cast, Door.STAFF):
            someone = holders[str(route.access.permission)]
            status, _ = someone.outcome(route, route.path(missing))
            assert status not in (401, 403), f"{someone.name}: {route}"

    def test_of_staff_take_the_example_of_the_document(self, cast: Cast) -> None:
        chief = cast.staff(role="admin")
        values = EVERYBODYS | {"variant_id": cast.variant_id, "coupon_id": cast.coupon_id}

        for route in routes(cast, Door.STAFF):
            if cast.document.body(route):
                path = route.path(values | dict.fromkeys(cast.things, MISSING))
                answer = chief.call(route, path, cast.document.sample(route))
                wrong = set(answer.get_json().get("errors", ())) - NAMED_BY_EXAMPLES
                assert not wrong, f"{route}: {wrong}"

    def test_that_want_a_person_are_closed_to_programs(self, cast: Cast) -> None:
        program = cast.holder(cast.api_token(cast.hana), "an API token")

        for route in routes(cast, Door.CUSTOMER):
            if route.access.in_person:
                outcome = program.outcome(route, route.path(EVERYBODYS | cast.things))
                assert outcome == (403, "forbidden"), str(route)

    def test_of_administrators_cannot_be_opened_by_any_permission(self, cast: Cast) -> None:
        almighty = cast.staff_without("")

        for route in routes(cast, Door.STAFF):
            if route.access == ADMIN:
                assert almighty.outcome(route, route.path(EVERYBODYS)) == (403, "forbidden")


class TestWhatIsAnothers:
    def test_looks_like_nothing_in_a_path(self, cast: Cast) -> None:
        for stranger in cast.strangers():
            for route in routes(cast, Door.VISITOR, Door.CUSTOMER):
                if private(route):
                    self.try_path(cast, stranger, route)

    def try_path(self, cast: Cast, stranger: Character, route: Route) -> None:
        body = cast.document.sample(route) if cast.document.body(route) else None
        (name,) = set(route.parameters) - EVERYBODYS.keys()
        refs = [cast.things[name], *([cast.order_number] if name == "ref" else [])]
        for hanas in refs:
            none = {"code": "NOTHING"}.get(name, MISSING)
            given, missing = (
                same(stranger.call(route, route.path(EVERYBODYS | {name: it}), body), it)
                for it in (hanas, none)
            )
            assert given == missing, f"{stranger.name}: {route}"
            assert given[0] in (401, 404), f"{stranger.name}: {route}"

    def test_is_there_for_its_owner(self, cast: Cast) -> None:
        for route in routes(cast, Door.VISITOR, Door.CUSTOMER):
            if private(route):
                body = cast.document.sample(route) if cast.document.body(route) else None
                status, _ = cast.hana.outcome(route, route.path(EVERYBODYS | cast.things), body)
                assert status not in (401, 403, 404, 422), f"{route}, or its example is no good"

    def test_looks_like_nothing_in_a_body(self, cast: Cast) -> None:
        for stranger in cast.strangers():
            for route in cast.document.routes:
                for name in self.ids_in(cast, route):
                    self.try_body(cast, stranger, route, name)

    def ids_in(self, cast: Cast, route: Route) -> list[str]:
        schema = cast.document.body(route) or {}
        fields = schema.get("properties", {})
        return [name for name, it in fields.items() if it.get("format") == "uuid"]

    def try_body(self, cast: Cast, stranger: Character, route: Route, name: str) -> None:
        sample = dict(cast.document.sample(route))
        sample.pop(name.removesuffix("_id"), None)
        path = route.path(EVERYBODYS | dict.fromkeys(cast.things, MISSING))
        for hanas in cast.ids():
            given, missing = (
                same(stranger.call(route, path, sample | {name: it}), it) for it in (hanas, MISSING)
            )
            assert given == missing, f"{stranger.name}: {route} with {name}"

    def test_looks_like_nothing_in_a_query(self, cast: Cast) -> None:
        for stranger in cast.strangers():
            for route in cast.document.routes:
                for it in route.operation.get("parameters", ()):
                    if it["in"] == "query" and it["schema"].get("format") == "uuid":
                        self.try_query(cast, stranger, route, it["name"])

    def try_query(self, cast: Cast, stranger: Character, route: Route, name: str) -> None:
        path = route.path(EVERYBODYS | dict.fromkeys(cast.things, MISSING))
        for hanas in cast.ids():
            given, missing = (
                same(stranger.call(route, f"{path}?{name}={it}"), it) for it in (hanas, MISSING)
            )
            assert given == missing, f"{stranger.name}: {route} with {name}"


class TestAnswers:
    """Each answer of this module is held to the document, and to being silent about Hana."""

    def test_to_strangers_tell_nothing_of_anybody_else(self, cast: Cast) -> None:
        missing = EVERYBODYS | dict.fromkeys(cast.things, MISSING)
        for stranger in cast.strangers():
            for route in cast.document.routes:
                if route.method == "GET":
                    stranger.call(route, route.path(missing))

    def test_to_their_owner_hold_what_the_document_says_and_no_more(self, cast: Cast) -> None:
        for route in cast.document.routes:
            if route.method == "GET" and route.access.door is not Door.STAFF:
                cast.hana.call(route, route.path(EVERYBODYS | cast.things))

    def test_to_administrators_hold_what_the_document_says_and_no_more(self, cast: Cast) -> None:
        chief = cast.staff(role="admin")
        catalog = {"variant_id": cast.variant_id, "coupon_id": cast.coupon_id}

        for route in cast.document.routes:
            if route.method == "GET":
                chief.call(route, route.path(EVERYBODYS | cast.things | catalog))


class TestUnverified:
    @pytest.mark.parametrize(
        ("required_for", "closed"),
        [
            ("none", set()),
            ("checkout", {"POST /api/v1/orders", "POST /api/v1/orders/create"}),
            ("login", {"POST /api/v1/auth/login"}),
        ],
    )
    def test_are_refused_what_the_setting_says_and_nothing_else(
        self, database_url: str, redis_url: str, required_for: str, closed: set[str]
    ) -> None:
        where = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        with opened(REQUIRE_VERIFIED_FOR=required_for, **where) as container:
            cast = Cast(container)
            cast.execute("UPDATE users SET verified_at = NULL WHERE email = 'eve@example.com'")

            refused = {str(it) for it in cast.document.routes if self.is_refused(cast, it)}

        assert refused == closed

    def is_refused(self, cast: Cast, route: Route) -> bool:
        body = cast.document.sample(route) if cast.document.body(route) else None
        if route.rule.endswith("/auth/login"):
            body = {"email": "eve@example.com", "password": PASSWORD}
        if str(route) in ENDING:
            return False
        path = route.path(EVERYBODYS | dict.fromkeys(cast.things, MISSING))
        return cast.eve.outcome(route, path, body) == (403, "email_not_verified")


def things_in(schema: dict[str, Any], document: Document) -> Iterator[tuple[str, ...]]:
    """Find the objects of a body: itself, and those that it holds, by their path."""
    yield ()
    for name, it in schema.get("properties", {}).items():
        many = it.get("type") == "array"
        inner = document.resolved(it.get("items", {}) if many else it)
        if "properties" in inner:
            yield (name, "0") if many else (name,)


class TestMassAssignment:
    def test_of_any_column_is_refused_and_changes_nothing(self, cast: Cast) -> None:
        chief = cast.staff(role="admin")
        before = contents(cast)

        for route in cast.document.routes:
            for where in things_in(cast.document.body(route) or {}, cast.document):
                if cast.document.body(route):
                    self.offer_columns(cast, chief, route, where)

        assert contents(cast) == before

    def offer_columns(
        self, cast: Cast, who: Character, route: Route, where: tuple[str, ...]
    ) -> None:
        known = cast.document.names(route, where) | ({ALIAS} if is_product(route, where) else set())
        offered = dict.fromkeys(COLUMNS - known, MISSING)
        body = cast.document.sample(route) | within(where, offered)
        path = route.path(EVERYBODYS | dict.fromkeys(cast.things, MISSING))
        answer = who.call(route, path, body)
        assert answer.status_code == 422, f"{route} {where}: {answer.text}"
        missed = {".".join((*where, it)) for it in offered} - set(answer.get_json()["errors"])
        assert not missed, f"{route} takes what it should not know of"


def is_product(route: Route, where: tuple[str, ...]) -> bool:
    return not where and route.rule in (f"{API}/products", f"{API}/products/<product>")


def within(where: tuple[str, ...], offered: dict[str, Any]) -> dict[str, Any]:
    if not where:
        return offered
    return {where[0]: [offered] if len(where) > 1 else offered}


def contents(cast: Cast) -> dict[str, Any]:
    """Return a digest of every table that reading alone does not write to."""
    tables = [it for it in metadata.tables if it not in WRITTEN_BY_READING]
    digest = "(SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {0} t) AS {0}"
    query = text("SELECT " + ", ".join(digest.format(it) for it in tables))
    with cast.container.engine().connect() as db:
        return dict(db.execute(query).one()._mapping)
