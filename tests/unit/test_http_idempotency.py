from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from nexus.adapters.memory.system import MemoryAnswers
from nexus.application.ports.gateways import GatewayUnavailable
from nexus.application.ports.system import Attempt, StoredAnswer
from nexus.domain.carts import CartIsEmpty
from nexus.domain.shared import Stale, Unavailable
from nexus.entrypoints.http.idempotency import attempt_in_hand, done_before, idempotent
from nexus.entrypoints.http.problems import install_problems

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Buying:
    """A route that counts how often it really buys, and fails when it is told to.

    What it has bought stands in its books; `death` comes over it before it has told anybody.
    """

    def __init__(self, answers: MemoryAnswers) -> None:
        self.answers = answers
        self.bought = 0
        self.failure: Exception | None = None
        self.death: Exception | None = None
        self.meanwhile: Callable[[], object] | None = None
        self.app = Flask("shop")
        self.app.config.update(API_TITLE="shop", API_VERSION="1", OPENAPI_VERSION="3.1.0")
        install_problems(self.app)
        view: Callable[..., Any] = idempotent(answers, lambda: NOON)(self._buy)
        self.app.add_url_rule("/orders", view_func=view, methods=["POST"], endpoint="buy")

    def _buy(self) -> tuple[dict[str, int], int, dict[str, str]]:
        number = (done_before() or self._bought()).int
        if self.death:
            raise self.death
        return {"number": number}, 201, {"Location": f"/orders/{number}"}

    def _bought(self) -> UUID:
        self.bought += 1
        if self.meanwhile:
            self.meanwhile()
        if self.failure:
            raise self.failure
        order = UUID(int=self.bought)
        if attempt := attempt_in_hand():
            self.answers.conclude(attempt, order)
        return order

    def post(self, key: str | None = "k", body: str = "{}", who: str = "a") -> TestResponse:
        headers = {"X-Cart-Token": who * 32} | ({"Idempotency-Key": key} if key else {})
        return self.app.test_client().post("/orders", data=body, headers=headers)


class Forgetful(MemoryAnswers):
    def finish(self, attempt: Attempt, answer: StoredAnswer) -> None:
        raise Unavailable


@pytest.fixture
def buying() -> Buying:
    return Buying(MemoryAnswers())


class TestIdempotencyKey:
    def test_has_the_answer_repeated_and_not_the_deed(self, buying: Buying) -> None:
        first, again = buying.post(), buying.post()

        assert buying.bought == 1
        assert (again.status_code, again.json) == (201, first.json)
        assert again.headers["Location"] == "/orders/1"
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers

    def test_is_not_needed(self, buying: Buying) -> None:
        buying.post(key=None)
        buying.post(key=None)

        assert buying.bought == 2

    def test_holds_for_one_caller_and_one_body(self, buying: Buying) -> None:
        buying.post()

        assert buying.post(who="b").status_code == 201
        other = buying.post(body='{"notes": "else"}')
        assert other.json
        assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")

    def test_has_a_refusal_repeated(self, buying: Buying) -> None:
        buying.failure = CartIsEmpty()
        first = buying.post()
        buying.failure = None

        assert first.status_code == buying.post().status_code == 409

    def test_may_be_used_again_after_somebody_else_was_quicker(self, buying: Buying) -> None:
        buying.failure = Stale()
        assert buying.post().status_code == 409
        buying.failure = None

        assert buying.post().status_code == 201

    @pytest.mark.parametrize("failure", [GatewayUnavailable("chapa"), Unavailable(), OSError()])
    def test_may_be_used_again_after_a_failure_of_ours(
        self, buying: Buying, failure: Exception
    ) -> None:
        buying.failure = failure
        assert buying.post().status_code >= 500
        buying.failure = None

        assert buying.post().status_code == 201

    def test_is_refused_while_the_first_request_runs(self, buying: Buying) -> None:
        answers: list[TestResponse] = []
        buying.meanwhile = lambda: answers.append(buying.post())

        assert buying.post().status_code == 201

        (answer,) = answers
        assert answer.json
        assert (answer.status_code, answer.json["code"]) == (409, "idempotency_in_progress")

    @pytest.mark.parametrize("key", ["k" * 256, "\x7f"])
    def test_is_short_and_printable(self, buying: Buying, key: str) -> None:
        assert buying.post(key=key).status_code == 400
        assert buying.bought == 0

    def test_gives_the_answer_though_it_cannot_be_kept(self) -> None:
        buying = Buying(Forgetful())

        first, again = buying.post(), buying.post()

        assert buying.bought == 1
        assert (first.status_code, first.json) == (again.status_code, again.json)
        assert again.headers["Idempotent-Replayed"] == "true"

    @pytest.mark.parametrize("death", [Unavailable(), OSError()])
    def test_has_told_what_was_done_when_nobody_could_tell_before(
        self, buying: Buying, death: Exception
    ) -> None:
        buying.death = death
        assert buying.post().status_code >= 500
        buying.death = None

        again, later = buying.post(), buying.post()

        assert buying.bought == 1
        assert (again.status_code, again.json) == (201, {"number": 1})
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (later.json, later.headers["Location"]) == (again.json, again.headers["Location"])
