"""The outbox, answers, queue and mailer of a process that has no servers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from uuid import UUID

from nexus.application.idempotency import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    IdempotencyInProgress,
    IdempotencyKeyReused,
)
from nexus.application.ports.gateways import Letter
from nexus.application.ports.system import (
    RING_AGAIN_AFTER,
    Attempt,
    OwedReaction,
    Slot,
    StoredAnswer,
    StoredEvent,
)
from nexus.domain.shared import new_id


@dataclass
class _Owed:
    id: UUID
    reaction: str
    event: StoredEvent
    due_at: datetime
    status: str = "owed"
    attempts: int = 0
    rung_at: datetime | None = None
    leased_until: datetime | None = None

    def is_free(self, at: datetime) -> bool:
        unleased = self.leased_until is None or self.leased_until <= at
        return self.status == "owed" and self.due_at <= at and unleased

    def is_quiet(self, at: datetime) -> bool:
        return self.rung_at is None or self.rung_at <= at - RING_AGAIN_AFTER


class MemoryOutbox:
    def __init__(self) -> None:
        self._new: list[StoredEvent] = []
        self._expanded: dict[UUID, datetime] = {}
        self._owed: dict[UUID, _Owed] = {}
        self._lock = Lock()

    def publish(self, event: StoredEvent) -> None:
        self._new.append(event)

    def expand(self, asked: Mapping[str, Sequence[str]], *, at: datetime, limit: int) -> int:
        with self._lock:
            taken, self._new = self._new[:limit], self._new[limit:]
            for event in taken:
                self._expanded[event.id] = at
                for reaction in asked.get(event.name, ()):
                    owed = _Owed(new_id(), reaction, event, at)
                    self._owed[owed.id] = owed
            return len(taken)

    def due(self, *, at: datetime, limit: int) -> list[UUID]:
        with self._lock:
            waiting = [it for it in self._owed.values() if it.is_free(at) and it.is_quiet(at)]
            picked = sorted(waiting, key=lambda it: it.due_at)[:limit]
            for it in picked:
                it.rung_at = at
            return [it.id for it in picked]

    def claim(self, reaction_id: UUID, *, at: datetime, until: datetime) -> OwedReaction | None:
        with self._lock:
            owed = self._owed.get(reaction_id)
            if owed is None or not owed.is_free(at):
                return None
            owed.leased_until = until
            owed.attempts += 1
            return OwedReaction(owed.id, owed.reaction, owed.event, owed.attempts)

    def done(self, reaction_id: UUID, *, at: datetime) -> None:
        self._settle(reaction_id, "done")

    def failed(self, reaction_id: UUID, *, error: str, retry_at: datetime | None) -> None:
        self._settle(reaction_id, "owed" if retry_at else "dead", due_at=retry_at)

    def forget(self, *, before: datetime) -> int:
        with self._lock:
            unsettled = {it.event.id for it in self._owed.values() if it.status != "done"}
            old = {id_ for id_, at in self._expanded.items() if at < before} - unsettled
            self._expanded = {k: v for k, v in self._expanded.items() if k not in old}
            self._owed = {k: v for k, v in self._owed.items() if v.event.id not in old}
            return len(old)

    def _settle(self, reaction_id: UUID, status: str, due_at: datetime | None = None) -> None:
        with self._lock:
            owed = self._owed[reaction_id]
            if owed.status == "owed":
                owed.status, owed.leased_until, owed.rung_at = status, None, None
                owed.due_at = due_at or owed.due_at


@dataclass(frozen=True)
class _Begun:
    body_hash: str
    at: datetime
    outcome: UUID | None = None
    answer: StoredAnswer | None = None

    @property
    def is_open(self) -> bool:
        return self.outcome is None and self.answer is None


class MemoryAnswers:
    def __init__(self) -> None:
        self._slots: dict[Slot, _Begun] = {}
        self._lock = Lock()

    def begin(self, slot: Slot, *, body_hash: str, at: datetime) -> Attempt | StoredAnswer:
        with self._lock:
            begun = self._slots.get(slot)
            if begun is None or begun.at <= at - KEPT_FOR:
                return self._take(slot, body_hash, at)
            if begun.body_hash != body_hash:
                raise IdempotencyKeyReused
            if not begun.is_open:
                return begun.answer or Attempt(slot, begun.at, begun.outcome)
            if begun.at > at - GIVEN_UP_AFTER:
                raise IdempotencyInProgress
            return self._take(slot, body_hash, at)

    def conclude(self, attempt: Attempt, outcome: UUID) -> None:
        with self._lock:
            begun = self._held(attempt)
            if begun is None or not begun.is_open:
                raise IdempotencyInProgress
            self._slots[attempt.slot] = replace(begun, outcome=outcome)

    def finish(self, attempt: Attempt, answer: StoredAnswer) -> None:
        with self._lock:
            begun = self._held(attempt)
            if begun and begun.answer is None:
                self._slots[attempt.slot] = replace(begun, answer=answer)

    def abandon(self, attempt: Attempt) -> None:
        with self._lock:
            begun = self._held(attempt)
            if begun and begun.is_open:
                del self._slots[attempt.slot]

    def forget(self, *, before: datetime) -> int:
        with self._lock:
            kept = {slot: it for slot, it in self._slots.items() if it.at > before}
            forgotten = len(self._slots) - len(kept)
            self._slots = kept
            return forgotten

    def _take(self, slot: Slot, body_hash: str, at: datetime) -> Attempt:
        self._slots[slot] = _Begun(body_hash, at)
        return Attempt(slot, at)

    def _held(self, attempt: Attempt) -> _Begun | None:
        """Return what the attempt has begun, unless another has taken its slot over."""
        begun = self._slots.get(attempt.slot)
        return begun if begun and begun.at == attempt.begun_at else None


class MemoryQueue:
    """Remembers for whom it was rung."""

    def __init__(self) -> None:
        self.rung: list[UUID] = []

    def wake(self, reaction_ids: Sequence[UUID]) -> None:
        self.rung += reaction_ids


class MemoryMailer:
    """Keeps every letter."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
