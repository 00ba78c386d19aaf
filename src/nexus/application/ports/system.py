"""Time, events on their way out, jobs and repeated requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

Clock = Callable[[], datetime]
"""Returns the time now, aware and in UTC."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the outbox keeps it; `data` is plain JSON."""

    id: UUID
    name: str
    occurred_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwedReaction:
    """One thing that one event still asks for; attempts counts this one too."""

    id: UUID
    reaction: str
    event: StoredEvent
    attempts: int


RING_AGAIN_AFTER = timedelta(seconds=5)
"""How long an owed reaction waits for a worker before the queue is told of it again."""


class Outbox(Protocol):
    """The events that were committed, and what each still asks for.

    Each method is a transaction of its own.
    """

    def expand(self, asked: Mapping[str, Sequence[str]], *, at: datetime, limit: int) -> int:
        """Owe each new event what its name asks for, once; return how many events were taken."""

    def due(self, *, at: datetime, limit: int) -> list[UUID]:
        """Return owed reactions whose time has come, and again after RING_AGAIN_AFTER."""

    def claim(self, reaction_id: UUID, *, at: datetime, until: datetime) -> OwedReaction | None:
        """Take it until then, or return None: done, dead, not yet due, or another's."""

    def done(self, reaction_id: UUID, *, at: datetime) -> None: ...

    def failed(self, reaction_id: UUID, *, error: str, retry_at: datetime | None) -> None:
        """Owe it again at that time, or bury it for staff to see when there is none.

        Neither this nor `done` changes what is done or buried already.
        """

    def forget(self, *, before: datetime) -> int:
        """Forget events that were expanded before then and ask for nothing any more."""


class JobQueue(Protocol):
    """A doorbell: losing what it holds loses nothing, since the outbox sweeps."""

    def wake(self, reaction_ids: Sequence[UUID]) -> None:
        """Ask a worker to run these; raise QueueUnavailable."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


Slot = tuple[str, str, str]
"""Who asked (a caller), for what (a route), under which key."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that has taken a slot, or comes after one that did the work and died.

    Then `outcome` names what was done, and all that is left is to tell of it.
    """

    slot: Slot
    begun_at: datetime
    outcome: UUID | None = None


AttemptInHand = Callable[[], Attempt | None]
"""Returns the attempt that work is being done for, if it is for one."""


class Answers(Protocol):
    """Answers kept by (caller, route, key) for a day, so that a repeated request is not redone.

    What an attempt does, `Work.conclude` writes down in the very transaction that does it.
    """

    def begin(self, slot: Slot, *, body_hash: str, at: datetime) -> Attempt | StoredAnswer:
        """Take the slot, or return the stored answer; what was done unheard is the outcome.

        Raise IdempotencyKeyReused for another body, IdempotencyInProgress while it runs.
        """

    def finish(self, attempt: Attempt, answer: StoredAnswer) -> None:
        """Keep the answer, unless there is one or somebody else has taken the slot over."""

    def abandon(self, attempt: Attempt) -> None:
        """Give the slot back if nothing was done: another attempt may begin at once."""

    def forget(self, *, before: datetime) -> int:
        """Forget what was begun before then."""
