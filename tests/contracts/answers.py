"""What every memory of answered requests promises."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nexus.application.idempotency import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    IdempotencyInProgress,
    IdempotencyKeyReused,
)
from nexus.application.ports.system import Answers, Attempt, StoredAnswer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SLOT = ("abebe", "POST /api/v1/orders", "k-1")
PLACED = StoredAnswer(201, {"Location": "/api/v1/orders/1"}, b'{"id":"1"}')
REFUSED = StoredAnswer(409, {}, b"{}")
ORDER = UUID(int=1)


def begun(answers: Answers, body_hash: str = "a", at: datetime = NOON) -> Attempt:
    attempt = answers.begin(SLOT, body_hash=body_hash, at=at)
    assert isinstance(attempt, Attempt)
    return attempt


class AnswersContract:
    @pytest.fixture
    def answers(self) -> Answers:
        raise NotImplementedError

    def conclude(self, answers: Answers, attempt: Attempt) -> None:
        """Have the attempt place ORDER, in work of which this is all."""
        raise NotImplementedError

    def test_repeats_the_answer_to_the_same_request(self, answers: Answers) -> None:
        answers.finish(begun(answers), PLACED)

        assert answers.begin(SLOT, body_hash="a", at=NOON + SECOND) == PLACED

    def test_refuses_another_body_under_the_same_key(self, answers: Answers) -> None:
        attempt = begun(answers)
        with pytest.raises(IdempotencyKeyReused):
            answers.begin(SLOT, body_hash="b", at=NOON)

        self.conclude(answers, attempt)
        with pytest.raises(IdempotencyKeyReused):
            answers.begin(SLOT, body_hash="b", at=NOON)

        answers.finish(attempt, PLACED)
        with pytest.raises(IdempotencyKeyReused):
            answers.begin(SLOT, body_hash="b", at=NOON)

    def test_refuses_a_request_that_is_still_running(self, answers: Answers) -> None:
        begun(answers)

        with pytest.raises(IdempotencyInProgress):
            answers.begin(SLOT, body_hash="a", at=NOON + GIVEN_UP_AFTER - SECOND)

    def test_lets_another_try_when_the_first_must_have_died(self, answers: Answers) -> None:
        begun(answers)

        assert begun(answers, at=NOON + GIVEN_UP_AFTER).outcome is None
        with pytest.raises(IdempotencyInProgress):
            answers.begin(SLOT, body_hash="a", at=NOON + GIVEN_UP_AFTER + SECOND)

    def test_tells_at_once_what_was_done_by_one_who_died_before_they_answered(
        self, answers: Answers
    ) -> None:
        self.conclude(answers, begun(answers))

        again = begun(answers, at=NOON + SECOND)
        answers.finish(again, PLACED)

        assert again.outcome == ORDER
        assert answers.begin(SLOT, body_hash="a", at=NOON + SECOND) == PLACED

    def test_lets_nobody_do_again_what_was_done(self, answers: Answers) -> None:
        self.conclude(answers, begun(answers))

        with pytest.raises(IdempotencyInProgress):
            self.conclude(answers, begun(answers, at=NOON + SECOND))

    def test_lets_nobody_work_who_was_given_up(self, answers: Answers) -> None:
        late, other = begun(answers), begun(answers, at=NOON + GIVEN_UP_AFTER)

        with pytest.raises(IdempotencyInProgress):
            self.conclude(answers, late)
        self.conclude(answers, other)

        assert begun(answers, at=NOON + GIVEN_UP_AFTER).outcome == ORDER

    def test_lets_nobody_answer_for_another_who_was_given_up(self, answers: Answers) -> None:
        late, other = begun(answers), begun(answers, at=NOON + GIVEN_UP_AFTER)

        answers.finish(late, REFUSED)
        answers.abandon(late)
        answers.finish(other, PLACED)

        assert answers.begin(SLOT, body_hash="a", at=NOON + GIVEN_UP_AFTER) == PLACED

    def test_keeps_the_first_answer(self, answers: Answers) -> None:
        attempt = begun(answers)
        answers.finish(attempt, PLACED)

        answers.finish(attempt, REFUSED)
        answers.abandon(attempt)

        assert answers.begin(SLOT, body_hash="a", at=NOON) == PLACED

    def test_forgets_an_attempt_that_was_abandoned(self, answers: Answers) -> None:
        answers.abandon(begun(answers))

        assert begun(answers, "b").outcome is None

    def test_keeps_what_was_done_though_it_was_abandoned(self, answers: Answers) -> None:
        attempt = begun(answers)
        self.conclude(answers, attempt)
        answers.abandon(attempt)

        assert begun(answers).outcome == ORDER

    def test_takes_the_key_anew_after_a_day(self, answers: Answers) -> None:
        attempt = begun(answers)
        self.conclude(answers, attempt)
        answers.finish(attempt, PLACED)

        assert begun(answers, "b", NOON + KEPT_FOR).outcome is None

    @pytest.mark.parametrize("part", range(3))
    def test_keeps_callers_routes_and_keys_apart(self, answers: Answers, part: int) -> None:
        self.conclude(answers, begun(answers))
        caller, route, key = ("other" if part == i else word for i, word in enumerate(SLOT))

        other = answers.begin((caller, route, key), body_hash="b", at=NOON)
        assert other == Attempt((caller, route, key), NOON)

    def test_forgets_what_is_old(self, answers: Answers) -> None:
        begun(answers)

        assert answers.forget(before=NOON - SECOND) == 0
        assert answers.forget(before=NOON) == 1
        assert begun(answers, "b").outcome is None
