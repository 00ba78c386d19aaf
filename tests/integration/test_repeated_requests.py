"""Requests with an Idempotency-Key, whatever dies on the way (ADR 16), in real processes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.askings import (
    ANSWERING,
    ASKINGS,
    AT_WORK,
    Asking,
    Buying,
    once_begun,
)
from tests.integration.processes import Running, running, wait_for
from tests.integration.sandbox_stage import Stage, set_stage
from tests.integration.shop import Shop

pytestmark = pytest.mark.long

each_asking = pytest.mark.parametrize("asking", ASKINGS.values(), ids=ASKINGS)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with set_stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def environ(stage: Stage) -> dict[str, str]:
    return {"CHAPA_BASE_URL": f"{stage.sandbox.base_url}/chapa/v1", "RATE_LIMITS": "off"}


@pytest.fixture(scope="module")
def open_shop(database_url: str, environ: dict[str, str]) -> Iterator[Shop]:
    shop = Shop(database_url, **environ)
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def web(
    database_url: str,
    redis_url: str,
    environ: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """A web server of one process, which is forked again whenever it is killed."""
    log: Path = tmp_path_factory.mktemp("web") / "web.log"
    where = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "NEXUS_PORT": "0"}
    with running("web", log, environ | where | {"WEB_CONCURRENCY": "1"}) as web:
        wait_for(lambda: web.says("Listening at"))
        yield web
        web.stop()


@pytest.fixture
def buying(open_shop: Shop, stage: Stage, web: Running, database_url: str) -> Buying:
    stage.call("POST", "/control/reset")
    buying = Buying(open_shop, stage, web, open_shop.sell(), open_shop.customer())
    buying.abebe.put_in(buying.mug, 2)
    return buying


class TestRepeatingARequest:
    @each_asking
    def test_gives_the_answer_of_one_that_was_killed_before_it_was_kept(
        self, buying: Buying, asking: Asking
    ) -> None:
        path, body = asking.request(buying)
        buying.post_and_die(path, body, ANSWERING)
        assert asking.effect(buying) == asking.after

        again, later = (buying.post(path, body) for _ in range(2))

        assert asking.effect(buying) == asking.after
        assert again.status_code == later.status_code == 201
        assert again.json == later.json
        assert again.headers.get("Location") == later.headers.get("Location")
        assert [it.headers["Idempotent-Replayed"] for it in (again, later)] == ["true", "true"]

    @each_asking
    def test_does_what_one_that_was_killed_before_the_commit_has_not_done(
        self, buying: Buying, asking: Asking
    ) -> None:
        path, body = asking.request(buying)
        assert asking.effect(buying) == asking.before
        buying.post_and_die(path, body, AT_WORK)

        soon = buying.post(path, body)
        buying.let_a_minute_pass()
        anew, later = (buying.post(path, body) for _ in range(2))

        assert (soon.status_code, soon.json["code"]) == (409, "idempotency_in_progress")
        assert (anew.status_code, anew.headers.get("Idempotent-Replayed")) == (201, None)
        assert (later.json, later.headers["Idempotent-Replayed"]) == (anew.json, "true")
        assert asking.effect(buying) == asking.after

    @each_asking
    def test_leaves_one_that_was_given_up_but_lives_without_effect(
        self, buying: Buying, asking: Asking
    ) -> None:
        path, body = asking.request(buying)
        others = []

        def take_over() -> None:
            buying.let_a_minute_pass()
            others.append(buying.post(path, body))

        with once_begun(buying.shop.engine, take_over):
            late = buying.post(path, body)

        (other,) = others
        assert (other.status_code, other.headers.get("Idempotent-Replayed")) == (201, None)
        assert late.status_code == 409
        assert buying.post(path, body).json == other.json
        assert asking.effect(buying) == asking.after

    @each_asking
    def test_eight_times_at_once_does_it_once(self, buying: Buying, asking: Asking) -> None:
        path, body = asking.request(buying)

        def post(_: int) -> tuple[int, str | None]:
            visitor = buying.shop.visitor(buying.abebe.token)
            answer = visitor.post(path, body, Idempotency_Key="once")
            told = answer.json.get("code") or answer.headers.get("Idempotent-Replayed")
            return answer.status_code, told

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(post, range(8)))

        assert answers.count((201, None)) == 1
        assert set(answers) <= {(201, None), (201, "true"), (409, "idempotency_in_progress")}
        assert asking.effect(buying) == asking.after

    def test_is_tried_here_wherever_it_may_be_done(self, open_shop: Shop) -> None:
        views = open_shop.app.view_functions

        taking = {
            f"{endpoint.partition('.')[0]}.{view.__name__}"
            for endpoint, view in views.items()
            if getattr(view, "idempotent", False)
        }

        assert taking == set(ASKINGS)
