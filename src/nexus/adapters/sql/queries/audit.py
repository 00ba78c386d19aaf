"""The audit log, read."""

from sqlalchemy import ColumnElement, func, select

from nexus.adapters.sql.audit import audit_log
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.application.ports.audit import AuditEntry, AuditFilter
from nexus.application.ports.pages import Page, PageWanted


class SqlAuditQueries(SqlQueries):
    def entries(self, wanted: PageWanted, which: AuditFilter) -> Page[AuditEntry]:
        asked = _conditions(which)
        latest = select(audit_log).where(*asked).order_by(audit_log.c.id.desc())
        rows = self._all(latest.limit(wanted.size).offset(wanted.offset))
        count = self._first(select(func.count()).select_from(audit_log).where(*asked))
        return Page(tuple(AuditEntry(**row._mapping) for row in rows), count[0] if count else 0)


def _conditions(which: AuditFilter) -> list[ColumnElement[bool]]:
    asked = {
        audit_log.c.actor_id: which.actor,
        audit_log.c.action: which.action,
        audit_log.c.entity: which.entity,
        audit_log.c.entity_id: which.entity_id,
    }
    conditions = [column == value for column, value in asked.items() if value is not None]
    if which.created_after:
        conditions.append(audit_log.c.at > which.created_after)
    return conditions
