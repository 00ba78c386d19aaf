"""Jobs run in the worker, a slice at a time, and go on wherever they were interrupted."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from nexus.application.ports.audit import Actor, Deed, InNameOf
from nexus.application.ports.exchange import Slice, SliceGone
from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.ports.work import StartWork, Work
from nexus.domain.jobs import CANCELLED, Job, JobOver, JobQueued, RowError

# A worker has mails to send as well.
BUSY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a slice: how many steps, of which outcomes, and what was wrong."""

    done: int
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: Sequence[RowError] = ()


def settle(work: Work, part: Slice, report: Report) -> None:
    """Take a slice off the list and its report into the job; raise SliceGone."""
    work.jobs.settle(part)
    job = work.jobs.lock(part.job_id)
    job.report(report.done, report.counts, report.errors)
    work.jobs.advance(job)


def plain_actor(actor: Actor) -> dict[str, Any]:
    """Return what a job keeps of whoever begins it."""
    return asdict(actor) | {"id": actor.id and str(actor.id)}


def _actor_of(job: Job) -> Actor:
    return Actor(**dict(job.facts["actor"]) | {"id": job.created_by})


class Step(Protocol):
    """Does a slice, and settles it in the same transaction as what it writes."""

    def __call__(self, *, job: Job, part: Slice) -> None: ...


@dataclass(frozen=True)
class RunJob:
    """Do some of a job, and owe the rest. Whoever dies on the way loses the slice at hand alone.

    `steps` are by the stage of the slices that they do. It is done in the name of whoever began it.
    """

    start_work: StartWork
    now: Clock
    in_name_of: InNameOf
    steps: Mapping[int, Step]
    busy: timedelta = BUSY

    def __call__(self, *, owed: OwedReaction) -> None:
        job_id = UUID(owed.event.data["job_id"])
        until = self.now() + self.busy
        while found := self._next(job_id):
            job, part = found
            # Somebody has stopped the job, or has done the slice: then nothing of it was written.
            with suppress(SliceGone), self.in_name_of(_actor_of(job)):
                self.steps[part.stage](job=job, part=part)
            if self.now() >= until:
                with self.start_work() as work:
                    work.publish(JobQueued(job_id))
                return

    def _next(self, job_id: UUID) -> tuple[Job, Slice] | None:
        with self.start_work() as work:
            job = work.jobs.lock(job_id)
            if job.is_over:
                return None
            part = work.jobs.next_slice(job_id)
            if part:
                job.begin(at=self.now())
            else:
                job.succeed(at=self.now())
                work.jobs.clear(job_id)
            work.jobs.advance(job)
            return (job, part) if part else None


@dataclass(frozen=True)
class GiveUpJob:
    """End a job whose next slice nobody gets done."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, owed: OwedReaction) -> None:
        job_id = UUID(owed.event.data["job_id"])
        with suppress(JobOver), self.start_work() as work:
            job = work.jobs.lock(job_id)
            job.fail("It failed again and again: the log says why.", at=self.now())
            work.jobs.clear(job_id)
            work.jobs.advance(job)


@dataclass(frozen=True)
class CancelJob:
    """Stop a job where it is; what it has written stays."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, job_id: UUID) -> None:
        with self.start_work() as work:
            job = work.jobs.lock(job_id)
            job.fail(CANCELLED, at=self.now())
            work.jobs.clear(job_id)
            work.jobs.advance(job)
            work.record(Deed("job.cancelled", "job", job_id))
