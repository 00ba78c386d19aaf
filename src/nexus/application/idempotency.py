"""A repeated request is answered, not repeated (contract, Conventions)."""

from dataclasses import dataclass
from datetime import timedelta

from nexus.application.ports.system import Answers, Clock
from nexus.domain.shared import Conflict, Invalid

KEPT_FOR = timedelta(hours=24)
# Whoever has not answered by then was killed on the way, so somebody else may try. Should they
# live after all, their work is undone: no work is committed but by the attempt that has the slot.
GIVEN_UP_AFTER = timedelta(seconds=60)


class IdempotencyKeyReused(Invalid): ...


class IdempotencyInProgress(Conflict): ...


@dataclass(frozen=True)
class ForgetAnswers:
    """Forget the answers that nobody may ask for any more."""

    answers: Answers
    now: Clock

    def __call__(self) -> int:
        return self.answers.forget(before=self.now() - KEPT_FOR)
