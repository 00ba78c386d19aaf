from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, select

from nexus.adapters.sql.jobs import jobs
from nexus.adapters.sql.queries.keyset import SortKey
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.application.ports.exchange import ShownJob
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.jobs import JobNotFound, RowError

_LISTED: list[Column[Any]] = [it for it in jobs.c if it.name not in ("errors", "version")]
_LATEST = (SortKey(jobs.c.id, falling=True),)


class SqlJobQueries(SqlQueries):
    def jobs(self, page: PageWanted) -> Page[ShownJob]:
        return self._page(select(*_LISTED), _LATEST, page, _shown)

    def job(self, job_id: UUID) -> ShownJob:
        row = self._first(select(*_LISTED, jobs.c.errors).where(jobs.c.id == job_id))
        if row is None:
            raise JobNotFound(job_id)
        return _shown(row)


def _shown(found: Row[Any]) -> ShownJob:
    row = dict(found._mapping)
    facts, done, total = row.pop("facts"), row["done"], row["total"]
    errors = sorted((RowError(**it) for it in row.pop("errors", ())), key=lambda it: it.row)
    over = row["finished_at"] is not None and row["failure"] is None
    return ShownJob(
        **row,
        progress=100 if over else 100 * done // max(total, 1),
        file_name=facts.get("file_name", ""),
        dry_run=facts.get("dry_run", False),
        errors=errors,
    )
