from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.application.ports.exchange import Slice, SliceGone
from nexus.domain.jobs import Job, JobNotFound
from nexus.domain.shared import Aggregate


@dataclass
class Needs(Aggregate):
    """What a job still has to do, and the pictures for it."""

    slices: dict[tuple[int, int], Slice] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)


class MemoryJobs:
    def __init__(self, tables: Tables) -> None:
        self._jobs = tables.table("jobs")
        self._needs = tables.table("job_slices")

    def add(self, job: Job) -> None:
        self._jobs.insert(job.id, job)

    def lock(self, job_id: UUID) -> Job:
        job: Job | None = self._jobs.get(job_id)
        if job is None:
            raise JobNotFound(job_id)
        return job

    def advance(self, job: Job) -> None:
        self._jobs.update(job.id, job)

    def owe(self, slices: Sequence[Slice]) -> None:
        for part in slices:
            needs = self._of(part.job_id)
            needs.slices[part.stage, part.row] = part
            self._needs.insert(part.job_id, needs)

    def next_slice(self, job_id: UUID) -> Slice | None:
        slices = self._of(job_id).slices
        return slices[min(slices)] if slices else None

    def settle(self, part: Slice) -> None:
        needs = self._of(part.job_id)
        if needs.slices.pop((part.stage, part.row), None) is None:
            raise SliceGone
        self._needs.insert(part.job_id, needs)

    def keep_picture(self, job_id: UUID, name: str, content: bytes) -> None:
        needs = self._of(job_id)
        needs.pictures[name] = content
        self._needs.insert(job_id, needs)

    def picture(self, job_id: UUID, name: str) -> bytes | None:
        return self._of(job_id).pictures.get(name)

    def clear(self, job_id: UUID) -> None:
        self._needs.insert(job_id, Needs())

    def forget(self, before: datetime, *, limit: int) -> int:
        old = self._jobs.where(lambda it: it.finished_at is not None and it.finished_at < before)
        for it in old[:limit]:
            self._jobs.delete(it.id)
            self.clear(it.id)
        return len(old[:limit])

    def _of(self, job_id: UUID) -> Needs:
        return self._needs.get(job_id) or Needs()
