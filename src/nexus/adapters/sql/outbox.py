"""Events beside the rows that caused them, and what each still asks for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.repository import Row, event_data, insert_rows, picked
from nexus.adapters.sql.schema import Moment, identity, metadata
from nexus.application.ports.system import RING_AGAIN_AFTER, OwedReaction, StoredEvent
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
Index("ix_outbox_expanded_at", outbox.c.expanded_at)

reactions = Table(
    "reactions",
    metadata,
    identity(),
    Column("event_id", ForeignKey(outbox.c.id, ondelete="CASCADE"), nullable=False),
    Column("reaction", String(80), nullable=False),
    Column("status", String(10), nullable=False, server_default="owed"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("rung_at", Moment),
    Column("leased_until", Moment),
    Column("done_at", Moment),
    Column("last_error", Text),
    UniqueConstraint("event_id", "reaction"),
    CheckConstraint("status in ('owed', 'done', 'dead')", name="status"),
    CheckConstraint("attempts >= 0", name="attempts"),
)
Index("ix_reactions_owed", reactions.c.due_at, postgresql_where=reactions.c.status == "owed")


def publish(db: Connection, events: Sequence[Event]) -> None:
    """Write all events of one work in one statement."""
    insert_rows(db, outbox, event_rows(events))


def event_rows(events: Sequence[Event]) -> list[Row]:
    return [{"id": new_id(), "name": it.name, "data": event_data(it)} for it in events]


class SqlOutbox:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def expand(self, asked: Mapping[str, Sequence[str]], *, at: datetime, limit: int) -> int:
        with refusals(), self._engine.begin() as db:
            new = db.execute(_new_events(limit)).all()
            owed = [_owed(id_, it, at) for id_, name in new for it in asked.get(name, ())]
            if owed:
                db.execute(upsert(reactions).on_conflict_do_nothing(), owed)
            if new:
                taken = outbox.c.id.in_([it.id for it in new])
                db.execute(update(outbox).where(taken).values(expanded_at=at))
            return len(new)

    def due(self, *, at: datetime, limit: int) -> list[UUID]:
        table = reactions.c
        rung = or_(table.rung_at.is_(None), table.rung_at <= at - RING_AGAIN_AFTER)
        some = select(table.id).where(_free(at), rung).order_by(table.due_at).limit(limit)
        ring = (
            update(reactions)
            .where(table.id.in_(picked(some)))
            .values(rung_at=at)
            .returning(table.id)
        )
        with refusals(), self._engine.begin() as db:
            return list(db.execute(ring).scalars())

    def claim(self, reaction_id: UUID, *, at: datetime, until: datetime) -> OwedReaction | None:
        table = reactions.c
        take = (
            update(reactions)
            .where(table.id == reaction_id, _free(at), table.event_id == outbox.c.id)
            .values(leased_until=until, attempts=table.attempts + 1)
            .returning(table.reaction, table.attempts, outbox)
        )
        with refusals(), self._engine.begin() as db:
            row = db.execute(take).one_or_none()
        if row is None:
            return None
        event = StoredEvent(row.id, row.name, row.occurred_at, row.data)
        return OwedReaction(reaction_id, row.reaction, event, row.attempts)

    def done(self, reaction_id: UUID, *, at: datetime) -> None:
        self._settle(reaction_id, status="done", done_at=at, leased_until=None)

    def failed(self, reaction_id: UUID, *, error: str, retry_at: datetime | None) -> None:
        again = {"due_at": retry_at, "rung_at": None} if retry_at else {"status": "dead"}
        self._settle(reaction_id, last_error=error, leased_until=None, **again)

    def forget(self, *, before: datetime) -> int:
        unsettled = exists().where(
            reactions.c.event_id == outbox.c.id, reactions.c.status != "done"
        )
        old = delete(outbox).where(outbox.c.expanded_at < before, ~unsettled)
        with refusals(), self._engine.begin() as db:
            return db.execute(old).rowcount

    def _settle(self, reaction_id: UUID, **facts: Any) -> None:
        owed = (reactions.c.id == reaction_id) & (reactions.c.status == "owed")
        with refusals(), self._engine.begin() as db:
            db.execute(update(reactions).where(owed).values(facts))


def _new_events(limit: int) -> Any:
    new = outbox.c.expanded_at.is_(None)
    events = select(outbox.c.id, outbox.c.name).where(new).order_by(outbox.c.id).limit(limit)
    return events.with_for_update(skip_locked=True)


def _owed(event_id: UUID, reaction: str, at: datetime) -> dict[str, Any]:
    return {"id": new_id(), "event_id": event_id, "reaction": reaction, "due_at": at}


def _free(at: datetime) -> ColumnElement[bool]:
    """Owed, due, and in nobody's hands."""
    table = reactions.c
    unleased = or_(table.leased_until.is_(None), table.leased_until <= at)
    return (table.status == "owed") & (table.due_at <= at) & unleased
