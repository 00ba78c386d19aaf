from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    delete,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from nexus.adapters.sql.repository import Row, SqlRepository, picked
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.application.ports.exchange import Slice, SliceGone
from nexus.domain.jobs import Job, JobNotFound, JobStatus, RowError

jobs = Table(
    "jobs",
    metadata,
    identity(),
    Column("kind", String(40), nullable=False),
    Column("facts", JSONB, nullable=False),
    # No reference: what somebody began outlives their account.
    Column("created_by", Uuid),
    Column("created_at", Moment, nullable=False),
    Column("status", String(10), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("errors", JSONB, nullable=False),
    Column("error_count", Integer, nullable=False),
    Column("failure", Text),
    Column("started_at", Moment),
    Column("finished_at", Moment, index=True),
    version(),
    CheckConstraint("status in ('queued', 'running', 'succeeded', 'failed')", name="status"),
    CheckConstraint("done between 0 and total AND error_count >= 0", name="progress"),
    CheckConstraint(
        "(finished_at is not null) = (status in ('succeeded', 'failed'))", name="finished_at"
    ),
)
# What is still to be done, and what it needs, lies in the database, where every worker finds it.
job_slices = Table(
    "job_slices",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("stage", Integer, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
)
job_pictures = Table(
    "job_pictures",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


class SqlJobs(SqlRepository):
    def add(self, job: Job) -> None:
        self._insert(jobs, job, _row(job))

    def lock(self, job_id: UUID) -> Job:
        query = select(jobs).where(jobs.c.id == job_id).with_for_update()
        row = self._db.execute(query).mappings().first()
        if row is None:
            raise JobNotFound(job_id)
        errors = tuple(RowError(**it) for it in row["errors"])
        return Job(**dict(row) | {"status": JobStatus(row["status"]), "errors": errors})

    def advance(self, job: Job) -> None:
        self._update(jobs, job, job.id, _row(job))

    def owe(self, slices: Sequence[Slice]) -> None:
        names = Slice.__slots__
        self._insert_rows(job_slices, [{it: getattr(each, it) for it in names} for each in slices])

    def next_slice(self, job_id: UUID) -> Slice | None:
        query = select(job_slices).where(job_slices.c.job_id == job_id)
        row = self._db.execute(query.order_by(*job_slices.primary_key).limit(1)).first()
        return Slice(**row._mapping) if row else None

    def settle(self, part: Slice) -> None:
        key = (job_slices.c.job_id == part.job_id) & (job_slices.c.row == part.row)
        done = delete(job_slices).where(key, job_slices.c.stage == part.stage)
        if not self._db.execute(done).rowcount:
            raise SliceGone

    def keep_picture(self, job_id: UUID, name: str, content: bytes) -> None:
        row = {"job_id": job_id, "name": name, "content": content}
        self._db.execute(insert(job_pictures), row)

    def picture(self, job_id: UUID, name: str) -> bytes | None:
        it = job_pictures.c
        query = select(it.content).where(it.job_id == job_id, it.name == name)
        return self._db.execute(query).scalar()

    def clear(self, job_id: UUID) -> None:
        for table in (job_slices, job_pictures):
            self._db.execute(delete(table).where(table.c.job_id == job_id))

    def forget(self, before: datetime, *, limit: int) -> int:
        old = select(jobs.c.id).where(jobs.c.finished_at < before).limit(limit)
        return self._db.execute(delete(jobs).where(jobs.c.id.in_(picked(old)))).rowcount


def _row(job: Job) -> Row:
    row = {it.name: getattr(job, it.name) for it in jobs.c if it.name not in ("errors", "version")}
    return row | {"errors": [asdict(it) for it in job.errors]}
