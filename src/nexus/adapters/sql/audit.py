"""Who did what. The database lets nobody change or forget a line of it (migration 0008)."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Index, String, Table, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from nexus.adapters.sql.repository import insert_rows
from nexus.adapters.sql.schema import Moment, identity, metadata
from nexus.application.ports.audit import Actor, Deed
from nexus.domain.shared import new_id

audit_log = Table(
    "audit_log",
    metadata,
    identity(),
    Column("at", Moment, nullable=False, server_default=func.now()),
    # No reference: what somebody did outlives their account.
    Column("actor_id", Uuid),
    Column("actor_kind", String(10), nullable=False),
    Column("action", String(80), nullable=False),
    Column("entity", String(40), nullable=False),
    Column("entity_id", Uuid),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("ip", String(64)),
)
Index("ix_audit_log_actor_id", audit_log.c.actor_id, audit_log.c.id)
Index("ix_audit_log_entity", audit_log.c.entity, audit_log.c.entity_id, audit_log.c.id)
Index("ix_audit_log_action", audit_log.c.action, audit_log.c.id)


def write_down(db: Connection, deeds: Sequence[Deed], actor: Actor) -> None:
    """Write all deeds of one work in one statement."""
    whose = {"actor_id": actor.id, "actor_kind": actor.kind}
    request = {"request_id": actor.request_id, "ip": actor.ip}
    rows = [
        {
            "id": new_id(),
            "action": deed.action,
            "entity": deed.entity,
            "entity_id": deed.entity_id,
            "before": deed.before,
            "after": deed.after,
        }
        for deed in deeds
    ]
    insert_rows(db, audit_log, [row | whose | request for row in rows])
