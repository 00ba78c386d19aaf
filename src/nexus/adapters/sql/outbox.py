"""Events beside the rows that caused them, and what each still asks for."""

from collections.abc import Sequence

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
)
from sqlalchemy.dialects.postgresql import JSONB

from nexus.adapters.sql.repository import event_data
from nexus.adapters.sql.schema import Moment, identity, metadata
from nexus.domain.shared import Event, new_id

outbox = Table(
    "outbox",
    metadata,
    identity(),
    Column("name", String(80), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("occurred_at", Moment, nullable=False, server_default=func.now()),
    Column("expanded_at", Moment),
)
Index("ix_outbox_new", outbox.c.id, postgresql_where=outbox.c.expanded_at.is_(None))

reactions = Table(
    "reactions",
    metadata,
    identity(),
    Column("event_id", ForeignKey(outbox.c.id), nullable=False),
    Column("reaction", String(80), nullable=False),
    Column("status", String(10), nullable=False, server_default="owed"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False, server_default=func.now()),
    Column("nudged_at", Moment),
    Column("leased_until", Moment),
    Column("done_at", Moment),
    Column("last_error", Text),
    UniqueConstraint("event_id", "reaction"),
    CheckConstraint("status in ('owed', 'done', 'dead')", name="status"),
)
Index("ix_reactions_owed", reactions.c.due_at, postgresql_where=reactions.c.status == "owed")


def publish(db: Connection, events: Sequence[Event]) -> None:
    """Write all events of one work in one statement."""
    if events:
        rows = [{"id": new_id(), "name": it.name, "data": event_data(it)} for it in events]
        db.execute(insert(outbox).values(rows))
