"""Public answers that lie ready, on a shop of their own with a real Redis-protocol server."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests
from redis import Redis
from werkzeug.test import TestResponse

from nexus.adapters.editions import RedisEditions
from nexus.adapters.sql.errors import DatabaseUnavailable
from nexus.application.ports.ready import GOODS, STOCK
from nexus.domain.categories import Category
from nexus.entrypoints.http.product_messages import ListedProduct
from nexus.entrypoints.local.valkey import Valkey
from tests.integration.processes import Running, running, wait_for
from tests.integration.shop import Shop, Visitor

PUBLIC = ("/products", "/products?search=mug&page=1", "/categories", "/categories?tree=true")


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    home: Path = tmp_path_factory.mktemp("ready")
    server = Valkey(home / "valkey", home / "valkey.log", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def the_shop(database_url: str, valkey: Valkey) -> Iterator[Shop]:
    shop = Shop(database_url, REDIS_URL=valkey.url())
    yield shop
    shop.close()


@pytest.fixture
def shop(the_shop: Shop, database_url: str) -> Shop:
    """The test before this one was swept away without a word."""
    editions = the_shop.container.editions()
    editions.renew((GOODS, STOCK))
    # It leaves a server alone for a moment that the test before this one has stopped.
    wait_for(lambda: editions.current(at_once=True))
    return the_shop


@pytest.fixture
def guest(shop: Shop) -> Visitor:
    return shop.visitor()


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def names(visitor: Visitor) -> list[str]:
    return [it["name"] for it in visitor.get("/products").json["results"]]


class TestWhatLiesReady:
    @pytest.mark.parametrize("path", PUBLIC)
    def test_costs_no_statement(self, shop: Shop, guest: Visitor, path: str) -> None:
        shop.sell("Mug")
        first = guest.get(path)

        with shop.statements() as sent:
            second = guest.get(path)

        assert sent == []
        assert second.data == first.data

    def test_says_what_it_said_the_first_time(self, shop: Shop, guest: Visitor) -> None:
        shop.sell("Mug")
        first, second = guest.get("/products"), guest.get("/products")

        assert told(second) == told(first)
        assert second.headers["X-Request-ID"] != first.headers["X-Request-ID"]

    def test_is_what_the_schema_documents(self, shop: Shop, guest: Visitor) -> None:
        shop.sell("Mug")
        guest.get("/products")

        (mug,) = guest.get("/products").json["results"]

        with shop.app.app_context():
            assert ListedProduct().load(mug, unknown="raise")

    def test_is_not_sent_to_who_has_it(self, shop: Shop, guest: Visitor) -> None:
        shop.sell("Mug")
        etag = guest.get("/products").headers["ETag"]

        again = guest.get("/products", If_None_Match=f'"other", {etag}')

        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag

    def test_is_not_sent_to_whom_a_proxy_told_its_tag_weakly(
        self, shop: Shop, guest: Visitor
    ) -> None:
        shop.sell("Mug")
        etag = guest.get("/products").headers["ETag"]

        assert guest.get("/products", If_None_Match=f"W/{etag}").status_code == 304

    def test_is_refused_to_who_asks_for_another(self, shop: Shop, guest: Visitor) -> None:
        shop.sell("Mug")

        for _ in range(2):
            answer = guest.get("/products", If_Match='"another"')
            assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
            assert guest.get("/products").status_code == 200

    def test_is_for_no_path_that_looks_like_its_question(self, shop: Shop, guest: Visitor) -> None:
        guest.get("/products?search=mug?")

        assert guest.get("/products%3Fsearch=mug").status_code == 404

    def test_echoes_the_id_of_the_request(self, shop: Shop, guest: Visitor) -> None:
        guest.get("/products")

        again = guest.get("/products", X_Request_ID="mine-1")

        assert again.headers["X-Request-ID"] == "mine-1"

    def test_serves_customers_in_private(self, shop: Shop, guest: Visitor) -> None:
        shop.sell("Mug")
        customer = shop.customer()
        guest.get("/products")

        with shop.statements() as sent:
            found = customer.get("/products")

        assert [it for it in sent if "products" in it] == []
        assert found.headers["Cache-Control"] == "private, no-cache"

    def test_is_found_once_however_many_ask(self, shop: Shop) -> None:
        shop.sell("Mug")
        with shop.statements() as one:
            shop.visitor().get("/products?page_size=50")

        with shop.statements() as sent, ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: shop.visitor().get("/products"), range(8)))

        assert {it.status_code for it in found} == {200}
        assert len(sent) == len(one)

    def test_is_looked_for_once_where_it_is_not(
        self, shop: Shop, valkey: Valkey, guest: Visitor
    ) -> None:
        shop.sell("Mug")
        guest.get("/categories")
        with Redis.from_url(valkey.url()) as server:
            server.config_resetstat()

            guest.get("/products", X_Cart_Token="x" * 32)

            asked = server.info("commandstats")
        assert (asked["cmdstat_mget"]["calls"], asked["cmdstat_get"]["calls"]) == (1, 1)

    def test_is_never_a_refusal(self, shop: Shop, guest: Visitor) -> None:
        assert guest.get("/products/mug").status_code == 404
        shop.sell("Mug")

        assert guest.get("/products/mug").status_code == 200


class TestCounts:
    def test_are_made_once_for_all_pages(self, shop: Shop, guest: Visitor) -> None:
        for name in ("Mug", "Cup", "Bowl"):
            shop.sell(name, price="10.00")
        dear = "/products?max_price=20&page_size=1"
        guest.get(dear)

        with shop.statements() as sent:
            second = guest.get(f"{dear}&page=2")

        assert second.json["count"] == 3
        assert len(sent) == 1

    def test_are_made_anew_when_there_is_more(
        self, shop: Shop, staff: Visitor, guest: Visitor
    ) -> None:
        for name in ("Mug", "Cup"):
            shop.sell(name, price="10.00")
        dear = "/products?max_price=20&page_size=1"
        assert guest.get(dear).json["count"] == 2

        staff.post("/products", {"name": "Jug", "price": "10.00"})

        assert guest.get(dear).json["count"] == 3


class TestChanges:
    def test_are_seen_by_their_writer_at_once(self, shop: Shop, staff: Visitor) -> None:
        guest = shop.visitor()
        assert names(guest) == []

        staff.post("/products", {"name": "Mug", "price": "100.00"})

        assert names(staff) == names(guest) == ["Mug"]

    def test_of_a_category_are_seen(self, shop: Shop, staff: Visitor, guest: Visitor) -> None:
        guest.get("/categories")

        staff.post("/categories", {"name": "Cups"})

        assert [it["name"] for it in guest.get("/categories").json] == ["Cups"]

    def test_that_were_taken_back_change_nothing(self, shop: Shop, staff: Visitor) -> None:
        shop.sell("Mug")
        shop.visitor().get("/products")
        staff.post("/products", {"name": "Mug", "slug": "mug", "price": "1.00"})

        with shop.statements() as sent:
            shop.visitor().get("/products")

        assert sent == []

    def test_that_may_have_been_committed_are_taken_for_it(self, shop: Shop) -> None:
        before = shop.container.editions().current(at_once=True)

        def lose_the_database() -> None:
            with shop.container.work() as work:
                work.categories.add(Category.below(None, name="Cups", slug="cups"))
                shop.all(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND state = 'idle in transaction'"
                )

        with pytest.raises(DatabaseUnavailable):
            lose_the_database()

        assert shop.container.editions().current(at_once=True) != before

    def test_drafts_stay_with_staff(self, shop: Shop, staff: Visitor, guest: Visitor) -> None:
        staff.post("/products", {"name": "Plan", "price": "1.00", "status": "draft"})

        assert (names(staff), names(guest)) == (["Plan"], [])

    def test_of_the_stock_are_seen_on_the_page_at_once(
        self, shop: Shop, staff: Visitor, guest: Visitor
    ) -> None:
        mug = shop.sell("Mug", stock=10)
        assert guest.get("/products/mug").json["stock"] == 10

        staff.post(f"/variants/{mug}/stock/adjustments", {"delta": 5, "reason": "received"})

        assert guest.get("/products/mug").json["stock"] == 15

    def test_of_the_stock_are_seen_in_lists_within_a_second(
        self, shop: Shop, staff: Visitor, guest: Visitor
    ) -> None:
        mug = shop.sell("Mug", stock=10)
        guest.get("/products")
        staff.post(f"/variants/{mug}/stock/adjustments", {"delta": 5, "reason": "received"})

        until = monotonic() + 1.5
        while guest.get("/products").json["results"][0]["stock"] != 15:
            assert monotonic() < until
            sleep(0.02)


class TestWithoutRedis:
    def test_answers_from_the_database_and_is_right_afterwards(
        self, shop: Shop, valkey: Valkey, staff: Visitor, guest: Visitor
    ) -> None:
        shop.sell("Mug")
        assert names(guest) == ["Mug"]
        valkey.stop()
        try:
            begun = monotonic()
            assert names(guest) == ["Mug"]
            assert monotonic() - begun < 2
            staff.post("/products", {"name": "Cup", "price": "1.00"})
            assert names(guest) == ["Cup", "Mug"]
        finally:
            valkey.start()

        until = monotonic() + 5
        while shop.container.editions().current() is None:
            assert monotonic() < until
            sleep(0.05)

        assert names(guest) == ["Cup", "Mug"]
        with shop.statements() as sent:
            assert names(guest) == ["Cup", "Mug"]
        assert sent == []

    def test_is_right_when_that_comes_back_as_it_was_before(
        self, shop: Shop, valkey: Valkey, staff: Visitor, guest: Visitor
    ) -> None:
        shop.sell("Mug")
        assert names(guest) == ["Mug"]
        before = editions_on(valkey)
        staff.post("/products", {"name": "Cup", "price": "1.00"})

        valkey.stop()
        valkey.start()
        with Redis.from_url(valkey.url()) as server:
            server.mset(before)

        assert names(guest) == ["Cup", "Mug"]

    def test_is_right_while_that_is_full(
        self, shop: Shop, valkey: Valkey, staff: Visitor, guest: Visitor
    ) -> None:
        shop.sell("Mug")
        assert names(guest) == ["Mug"]
        with Redis.from_url(valkey.url()) as server, full(server):
            elsewhere = RedisEditions(server)
            before = elsewhere.current()

            staff.post("/products", {"name": "Cup", "price": "1.00"})

            assert before is not None
            assert elsewhere.current(at_once=True) is None
            assert names(guest) == ["Cup", "Mug"]


@contextmanager
def full(server: Redis) -> Iterator[None]:
    server.config_set("maxmemory", "1")
    try:
        yield
    finally:
        server.config_set("maxmemory", "0")


def editions_on(valkey: Valkey) -> dict[str, bytes]:
    keys = [f"nexus:edition:{it}" for it in (GOODS, STOCK)]
    with Redis.from_url(valkey.url()) as server:
        return dict(zip(keys, server.mget(keys), strict=True))


class TestLimits:
    def test_hold_for_what_lies_ready_too(self, database_url: str, valkey: Valkey) -> None:
        shop = Shop(database_url, REDIS_URL=valkey.url(), RATE_LIMITS="on")
        left = [
            int(shop.visitor().get("/products").headers["RateLimit-Remaining"]) for _ in range(4)
        ]
        shop.close()

        assert left == sorted(left, reverse=True)
        assert len(set(left)) == 4


class TestTwoProcesses:
    def test_see_what_the_other_wrote(
        self, shop: Shop, valkey: Valkey, database_url: str, tmp_path: Path
    ) -> None:
        token = shop.staff("catalog.write").token
        environ = {"DATABASE_URL": database_url, "REDIS_URL": valkey.url(), "NEXUS_PORT": "0"}
        environ["WEB_CONCURRENCY"] = "1"
        with (
            running("web", tmp_path / "one.log", environ) as one,
            running("web", tmp_path / "two.log", environ) as two,
        ):
            here, there = (products_of(it) for it in (one, two))
            for _ in range(2):
                assert found_at(here) == found_at(there) == []
            mug = {"name": "Mug", "price": "100.00"}

            signed = {"Authorization": f"Bearer {token}"}
            requests.post(here, json=mug, headers=signed, timeout=20).raise_for_status()
            written_at = monotonic()

            assert found_at(here, signed) == found_at(here) == ["Mug"]
            while found_at(there) != ["Mug"]:
                assert monotonic() < written_at + 1

    def test_of_one_server_show_it_to_everybody_at_once(
        self, shop: Shop, valkey: Valkey, database_url: str, tmp_path: Path
    ) -> None:
        signed = {"Authorization": f"Bearer {shop.staff('catalog.write').token}"}
        environ = {"DATABASE_URL": database_url, "REDIS_URL": valkey.url(), "NEXUS_PORT": "0"}
        environ["WEB_CONCURRENCY"] = "2"
        with running("web", tmp_path / "web.log", environ) as web:
            products = products_of(web)

            for written in range(1, 11):
                seen = [len(found_at(products)) for _ in range(4)]
                mug = {"name": f"Mug {written}", "price": "100.00"}
                requests.post(products, json=mug, headers=signed, timeout=20).raise_for_status()
                assert seen == [written - 1] * 4


def products_of(web: Running) -> str:
    wait_for(lambda: web.says("Listening at"))
    found = re.search(r"Listening at: (http://[\d.:]+)", web.log.read_text())
    assert found
    return f"{found[1]}/api/v1/products"


def found_at(url: str, headers: Mapping[str, str] | None = None) -> list[str]:
    answer = requests.get(url, headers=headers, timeout=20)
    return [it["name"] for it in answer.json()["results"]]


def told(answer: TestResponse) -> dict[str, Any]:
    own = {"X-Request-ID", "Date"}
    return {name: value for name, value in answer.headers if name not in own}
