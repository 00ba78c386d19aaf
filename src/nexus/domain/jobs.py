"""Work that takes longer than anybody waits for an answer: done slice by slice, seen as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Event, NotFound, new_id

MOST_ERRORS = 1000
CANCELLED = "cancelled"


@dataclass(eq=False)
class JobNotFound(NotFound):
    job_id: UUID


@dataclass(eq=False)
class JobOver(Conflict):
    """It has ended already, so nothing of it can be stopped or done."""

    job_id: UUID
    status: JobStatus


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class JobQueued(Event):
    """There is something to do for a job: from its beginning, or where it was left."""

    name: ClassVar[str] = "internal.job_queued"
    job_id: UUID


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row of a file, whose header is row 1, and in which column if in one."""

    row: int
    column: str
    message: str


@dataclass
class Job(Aggregate):
    """`done` of `total` steps; `counts` says what came of them.

    Wrong rows do not make a job fail: it keeps the first of them and the number of all. A failed
    one says in `failure` what stopped it.
    """

    id: UUID
    kind: str
    facts: Mapping[str, Any]
    created_by: UUID | None
    created_at: datetime
    status: JobStatus = JobStatus.QUEUED
    done: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[RowError, ...] = ()
    error_count: int = 0
    failure: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @classmethod
    def queue(cls, kind: str, facts: Mapping[str, Any], *, by: UUID | None, at: datetime) -> Job:
        job = cls(new_id(), kind, facts, by, at)
        job.events.append(JobQueued(job.id))
        return job

    @property
    def is_over(self) -> bool:
        return self.status in (JobStatus.SUCCEEDED, JobStatus.FAILED)

    def begin(self, *, at: datetime) -> None:
        """Say that somebody works on it; what runs already stays as it is."""
        self.status = JobStatus.RUNNING
        self.started_at = self.started_at or at

    def report(self, done: int, counts: Mapping[str, int], errors: Iterable[RowError]) -> None:
        """Take in what came of some of it."""
        if self.is_over:
            raise JobOver(self.id, self.status)
        self.done += done
        self.counts = {it: self.counts.get(it, 0) + more for it, more in counts.items()} | {
            it: had for it, had in self.counts.items() if it not in counts
        }
        new = tuple(errors)
        self.error_count += len(new)
        self.errors = (*self.errors, *new)[:MOST_ERRORS]

    def succeed(self, *, at: datetime) -> None:
        self.status, self.finished_at = JobStatus.SUCCEEDED, at

    def fail(self, why: str, *, at: datetime) -> None:
        if self.is_over:
            raise JobOver(self.id, self.status)
        self.status, self.failure, self.finished_at = JobStatus.FAILED, why, at
