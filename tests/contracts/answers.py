"""What every memory of answered requests promises."""

from datetime import UTC, datetime, timedelta

import pytest

from nexus.application.idempotency import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    IdempotencyInProgress,
    IdempotencyKeyReused,
)
from nexus.application.ports.system import Answers, StoredAnswer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SLOT = ("abebe", "POST /api/v1/orders", "k-1")
PLACED = StoredAnswer(201, {"Location": "/api/v1/orders/1"}, b'{"id":"1"}')


class AnswersContract:
    @pytest.fixture
    def answers(self) -> Answers:
        raise NotImplementedError

    def test_repeats_the_answer_to_the_same_request(self, answers: Answers) -> None:
        assert answers.begin(SLOT, body_hash="a", at=NOON) is None
        answers.finish(SLOT, PLACED)

        assert answers.begin(SLOT, body_hash="a", at=NOON + SECOND) == PLACED

    def test_refuses_another_body_under_the_same_key(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)
        with pytest.raises(IdempotencyKeyReused):
            answers.begin(SLOT, body_hash="b", at=NOON)

        answers.finish(SLOT, PLACED)
        with pytest.raises(IdempotencyKeyReused):
            answers.begin(SLOT, body_hash="b", at=NOON)

    def test_refuses_a_request_that_is_still_running(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)

        with pytest.raises(IdempotencyInProgress):
            answers.begin(SLOT, body_hash="a", at=NOON + GIVEN_UP_AFTER - SECOND)

    def test_lets_another_try_when_the_first_must_have_died(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)

        assert answers.begin(SLOT, body_hash="a", at=NOON + GIVEN_UP_AFTER) is None
        with pytest.raises(IdempotencyInProgress):
            answers.begin(SLOT, body_hash="a", at=NOON + GIVEN_UP_AFTER + SECOND)

    def test_keeps_the_first_answer(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)
        answers.finish(SLOT, PLACED)

        answers.finish(SLOT, StoredAnswer(409, {}, b"{}"))
        answers.abandon(SLOT)

        assert answers.begin(SLOT, body_hash="a", at=NOON) == PLACED

    def test_forgets_an_attempt_that_was_abandoned(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)
        answers.abandon(SLOT)

        assert answers.begin(SLOT, body_hash="b", at=NOON) is None

    def test_takes_the_key_anew_after_a_day(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)
        answers.finish(SLOT, PLACED)

        assert answers.begin(SLOT, body_hash="b", at=NOON + KEPT_FOR) is None

    @pytest.mark.parametrize("part", range(3))
    def test_keeps_callers_routes_and_keys_apart(self, answers: Answers, part: int) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)
        caller, route, key = ("other" if part == i else word for i, word in enumerate(SLOT))

        assert answers.begin((caller, route, key), body_hash="b", at=NOON) is None

    def test_forgets_what_is_old(self, answers: Answers) -> None:
        answers.begin(SLOT, body_hash="a", at=NOON)

        assert answers.forget(before=NOON - SECOND) == 0
        assert answers.forget(before=NOON) == 1
        assert answers.begin(SLOT, body_hash="b", at=NOON) is None
