"""The audit log, read."""

from sqlalchemy import ColumnElement, select

from nexus.adapters.sql.audit import audit_log
from nexus.adapters.sql.queries.keyset import SortKey
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.application.ports.audit import AuditEntry, AuditFilter
from nexus.application.ports.pages import Page, PageWanted

_LATEST = (SortKey(audit_log.c.id, falling=True),)


class SqlAuditQueries(SqlQueries):
    def entries(self, wanted: PageWanted, which: AuditFilter) -> Page[AuditEntry]:
        found = select(audit_log).where(*_conditions(which))
        return self._page(found, _LATEST, wanted, lambda row: AuditEntry(**row._mapping))


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
