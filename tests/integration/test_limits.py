"""How often one may try: over HTTP, with the real counters."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from dependency_injector import providers
from werkzeug.test import TestResponse

from nexus.bootstrap import Container, close, read_container
from nexus.entrypoints.http.limits import ROUTES
from nexus.entrypoints.http.paths import API
from tests.integration.shop import Shop
from tests.integration.signed_in import Customer, problem
from tests.people import CHEAP, NOON, PASSWORD

HANA = "hana@example.com"
GONE = "redis://127.0.0.1:1/0"
PROXY = {"TRUSTED_PROXIES": "127.0.0.0/8"}


def limited(**environ: str) -> Container:
    """A shop whose minute never ends, so that no test stands across two of them."""
    container = read_container({"NEXUS_ENV": "test", "DATABASE_POOL": "10"} | environ)
    container.passwords.override(providers.Object(CHEAP))
    container.clock.override(providers.Object(lambda: NOON))
    return container


class Street:
    """Whoever comes by, each from their own address, as a proxy tells it."""

    def __init__(self, container: Container) -> None:
        self.app = container.http()

    def get(self, path: str) -> TestResponse:
        return self.app.test_client().get(path)

    def log_in(self, password: str, *, at: str, email: str = HANA) -> TestResponse:
        return self.post("/auth/login", {"email": email, "password": password}, at=at)

    def post(self, path: str, body: dict[str, str], *, at: str) -> TestResponse:
        client = self.app.test_client()
        return client.post(f"/api/v1{path}", json=body, headers={"X-Forwarded-For": at})

    def guess(self, times: int, *, at: str) -> Counter[int]:
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda _: self.log_in("wrong", at=at), range(times))
        return Counter(it.status_code for it in answers)


def told(answer: TestResponse) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the body, but for what names the request."""
    headers = {name: it for name, it in answer.headers if name != "X-Request-ID"}
    return headers, answer.get_json() | {"request_id": ""}


@pytest.fixture(scope="module", params=["redis", "no redis"])
def quarter(
    request: pytest.FixtureRequest, database_url: str, redis_url: str
) -> Iterator[Container]:
    where = redis_url if request.param == "redis" else GONE
    container = limited(DATABASE_URL=database_url, REDIS_URL=where, **PROXY)
    yield container
    close(container)


@pytest.fixture
def street(quarter: Container, database_url: str, redis_url: str) -> Street:
    quarter.ensure_customer()(email=HANA, password=PASSWORD)
    return Street(quarter)


class TestGuesses:
    def test_are_refused_after_ten_however_many_come_at_once(self, street: Street) -> None:
        assert street.guess(40, at="198.51.100.1") == {401: 10, 429: 30}

    def test_are_refused_as_a_problem_that_says_when_to_come_again(self, street: Street) -> None:
        street.guess(12, at="198.51.100.1")

        answer = street.log_in(PASSWORD, at="198.51.100.1")

        assert problem(answer) == (429, "rate_limited")
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["RateLimit-Limit"] == "10"
        assert answer.headers["RateLimit-Remaining"] == "0"
        assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]

    def test_do_not_lock_out_the_owner_elsewhere(self, street: Street) -> None:
        street.guess(12, at="198.51.100.1")

        assert street.log_in(PASSWORD, at="198.51.100.2").status_code == 200

    def test_of_one_customer_of_ipv6_count_together(self, street: Street) -> None:
        for last in range(10):
            street.log_in("wrong", at=f"2001:db8:1:2::{last:x}")

        assert street.log_in(PASSWORD, at="2001:db8:1:2:ffff::1").status_code == 429
        assert street.log_in(PASSWORD, at="2001:db8:1:3::1").status_code == 200

    def test_are_counted_however_the_address_is_spelt(self, street: Street) -> None:
        spellings = (" Hana@EXAMPLE.com", "hana@example\N{IDEOGRAPHIC FULL STOP}com")
        for email in spellings * 5:
            street.log_in("wrong", at="198.51.100.1", email=email)

        assert street.log_in(PASSWORD, at="198.51.100.1").status_code == 429

    def test_that_are_right_cost_nothing(self, street: Street) -> None:
        answers = [street.log_in(PASSWORD, at="198.51.100.1") for _ in range(15)]

        assert {it.status_code for it in answers} == {200}
        assert {it.headers["RateLimit-Remaining"] for it in answers} == {"10"}


class TestProofs:
    def test_are_ten_wrong_ones_a_minute_for_who_is_signed_in(self, street: Street) -> None:
        hana = Customer(street.app.test_client(), HANA)
        body = {"current_password": "wrong", "new_password": "another-three-cups"}

        statuses = [hana.call("POST", "/auth/password/change", body).status_code for _ in range(12)]

        assert statuses == [422] * 10 + [429] * 2


class TestAnswers:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("login", {"password": "wrong"}),
            ("register", {"password": PASSWORD}),
            ("password/reset", {}),
            ("verify-email/resend", {}),
        ],
    )
    def test_are_the_same_whoever_has_an_account(
        self, street: Street, path: str, body: dict[str, str]
    ) -> None:
        known, unknown = (
            street.post(f"/auth/{path}", {"email": email, **body}, at=at)
            for email, at in ((HANA, "198.51.100.1"), ("nobody@example.com", "198.51.100.2"))
        )

        assert known.status_code == unknown.status_code
        assert told(known) == told(unknown)


class TestOtherCalls:
    def test_are_told_how_many_are_left(self, street: Street) -> None:
        answers = [street.get("/api/v1/categories") for _ in range(2)]

        assert [it.headers["RateLimit-Limit"] for it in answers] == ["30000"] * 2
        assert int(answers[1].headers["RateLimit-Remaining"]) < 30_000

    def test_of_health_checks_are_not_counted(self, street: Street) -> None:
        assert "RateLimit-Limit" not in street.get("/healthz").headers


def test_what_strangers_say_of_the_address_is_not_believed(
    database_url: str, redis_url: str
) -> None:
    container = limited(DATABASE_URL=database_url, REDIS_URL=redis_url)
    street = Street(container)

    statuses = [street.log_in("wrong", at=f"198.51.100.{last}").status_code for last in range(11)]
    close(container)

    assert statuses == [401] * 10 + [429]


def test_no_limit_is_there_where_they_are_off(shop: Shop) -> None:
    answers = [
        shop.visitor().post("/auth/login", {"email": "a@example.com", "password": "wrong"})
        for _ in range(12)
    ]

    assert {it.status_code for it in answers} == {401}
    assert "RateLimit-Limit" not in answers[0].headers


def test_every_route_that_has_a_rule_of_its_own_is_there(shop: Shop) -> None:
    rules = {str(it) for it in shop.app.url_map.iter_rules()}

    assert {API + path for path in ROUTES} <= rules


class TestOpinions:
    def test_are_so_many_an_hour_of_each(self, quarter: Container, street: Street) -> None:
        hana = Customer(street.app.test_client(), HANA)

        said = [
            hana.call("POST", path, {"product_id": "nothing", "rating": 5})
            for path in ("/reviews", "/products/nothing/reviews") * 16
        ]

        assert Counter(it.status_code for it in said) == {404: 15, 422: 15, 429: 2}

    def test_of_guests_have_each_address_written_to_so_often(self, street: Street) -> None:
        def wait(number: int) -> int:
            path, body = "/products/nothing/back-in-stock", {"email": "guest@example.com"}
            return street.post(path, body, at=f"198.51.100.{number}").status_code

        assert Counter(wait(number) for number in range(32)) == {404: 30, 429: 2}
