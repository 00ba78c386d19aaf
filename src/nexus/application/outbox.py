"""From a committed event to everything that it asks for, at least once (design D7)."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from nexus.application.ports.system import Clock, JobQueue, Outbox, OwedReaction
from nexus.application.reactions import Reaction

log = logging.getLogger("nexus.outbox")

BATCH = 500
LEASE = timedelta(seconds=60)
RETRY_AFTER = (timedelta(seconds=10), timedelta(seconds=60), timedelta(seconds=300))
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
KEPT_FOR = timedelta(days=7)
LONGEST_ERROR = 4000


class EveryAttemptDied(Exception):
    """The process that ran the reaction ended each time, so running it again would end this one."""


@dataclass(frozen=True)
class RelayEvents:
    """Owe what new events ask for, and ring for whatever is due. Several may run at once."""

    outbox: Outbox
    queue: JobQueue
    reactions: Mapping[str, Sequence[str]]
    now: Clock

    def __call__(self) -> None:
        """Raise QueueUnavailable when nobody can be called; all of it is then due again soon."""
        # A file of products leaves thousands at once, and nobody is to wait behind them.
        while self.outbox.expand(self.reactions, at=self.now(), limit=BATCH) == BATCH:
            pass
        if due := self.outbox.due(at=self.now(), limit=BATCH):
            self.queue.wake(due)


@dataclass(frozen=True)
class RunReaction:
    """Do what one event asks for, unless somebody else does it or has done it.

    It is done again if this process dies on the way, so every reaction bears repetition. What
    `abandoned` holds for it is done once its last attempt has failed, or died.
    """

    outbox: Outbox
    reactions: Mapping[str, Reaction]
    now: Clock
    abandoned: Mapping[str, Reaction] = field(default_factory=dict)

    def __call__(self, *, reaction_id: UUID) -> None:
        at = self.now()
        owed = self.outbox.claim(reaction_id, at=at, until=at + LEASE)
        if owed is None:
            return
        facts = {"reaction": owed.reaction, "event_id": str(owed.event.id)}
        try:
            self._react(owed)
        except Exception as error:
            retry_at = self._retry_at(owed.attempts)
            log.exception("reaction failed", extra=facts | {"retry_at": retry_at})
            if retry_at is None and owed.reaction in self.abandoned:
                self.abandoned[owed.reaction](owed=owed)
            self.outbox.failed(owed.id, error=_story(error), retry_at=retry_at)
        else:
            self.outbox.done(owed.id, at=self.now())
            log.info("reacted", extra=facts | {"attempts": owed.attempts})

    def _react(self, owed: OwedReaction) -> None:
        if owed.attempts > MOST_ATTEMPTS:
            raise EveryAttemptDied(owed.attempts - 1)
        self.reactions[owed.reaction](owed=owed)

    def _retry_at(self, attempts: int) -> datetime | None:
        return None if attempts >= MOST_ATTEMPTS else self.now() + RETRY_AFTER[attempts - 1]


@dataclass(frozen=True)
class ForgetDelivered:
    """Forget events whose every reaction was done long ago; what failed stays for staff."""

    outbox: Outbox
    now: Clock

    def __call__(self) -> int:
        return self.outbox.forget(before=self.now() - KEPT_FOR)


def _story(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-LONGEST_ERROR:]
