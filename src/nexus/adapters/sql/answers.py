"""Answers to requests that carried an Idempotency-Key."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.outbox import event_rows, outbox
from nexus.adapters.sql.repository import given_rows
from nexus.adapters.sql.schema import Moment, metadata
from nexus.application.idempotency import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    IdempotencyInProgress,
    IdempotencyKeyReused,
)
from nexus.application.ports.system import Attempt, Slot, StoredAnswer
from nexus.domain.shared import Event

# A row without a status belongs to a request that is running; with an outcome, its work is
# committed, and anybody may give the answer.
keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("outcome", Uuid),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    CheckConstraint("(status is null) = (body is null)", name="answer"),
)
Index("ix_idempotency_keys_begun_at", keys.c.begun_at)


def conclude(
    db: Connection, attempt: Attempt, outcome: UUID | None, events: Sequence[Event]
) -> None:
    """Publish the events and write the outcome down, if there is one yet, in one statement.

    Raise IdempotencyInProgress, which undoes the work, if another attempt has the slot.
    """
    by, asking, under = attempt.slot
    whose = {"by": by, "asking": asking, "under": under, "since": attempt.begun_at}
    told = {"made": outcome, "rows": event_rows(events)}
    if not db.execute(_conclusion(), whose | told).scalar_one():
        raise IdempotencyInProgress


@cache
def _conclusion() -> Select[Any]:
    """Made once: while it is sent, rows are held that others wait for.

    A parameter that is named for a column would be written to it.
    """
    mine = and_(
        keys.c.caller == bindparam("by"),
        keys.c.route == bindparam("asking"),
        keys.c.key == bindparam("under"),
        keys.c.begun_at == bindparam("since"),
    )
    note = update(keys).where(mine, _open()).values(outcome=bindparam("made"))
    held = note.returning(keys.c.key).cte("held")
    new = given_rows([outbox.c.id, outbox.c.name, outbox.c.data])
    told = insert(outbox).from_select(
        ["id", "name", "data"],
        select(new.c.id, new.c.name, new.c.data).where(exists(select(held.c.key))),
    )
    return select(func.count()).select_from(held).add_cte(told.cte("told"))


class SqlAnswers:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, slot: Slot, *, body_hash: str, at: datetime) -> Attempt | StoredAnswer:
        with refusals(), self._engine.begin() as db:
            if _take(db, slot, body_hash, at):
                return Attempt(slot, at)
            row = db.execute(select(keys).where(_at(slot))).one_or_none()
        if row and row.body_hash != body_hash:
            raise IdempotencyKeyReused
        if row and row.status:
            return StoredAnswer(row.status, row.headers, row.body)
        if row and row.outcome:
            return Attempt(slot, row.begun_at, row.outcome)
        raise IdempotencyInProgress

    def finish(self, attempt: Attempt, answer: StoredAnswer) -> None:
        kept = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        with refusals(), self._engine.begin() as db:
            db.execute(update(keys).where(_held(attempt), keys.c.status.is_(None)).values(kept))

    def abandon(self, attempt: Attempt) -> None:
        with refusals(), self._engine.begin() as db:
            db.execute(delete(keys).where(_held(attempt), _open()))

    def forget(self, *, before: datetime) -> int:
        with refusals(), self._engine.begin() as db:
            return db.execute(delete(keys).where(keys.c.begun_at <= before)).rowcount


def _take(db: Connection, slot: Slot, body_hash: str, at: datetime) -> bool:
    """Write the slot down, over one that has expired or whose owner must have died."""
    row = dict(zip(("caller", "route", "key"), slot, strict=True))
    fresh: dict[str, Any] = {"body_hash": body_hash, "begun_at": at}
    expired = keys.c.begun_at <= at - KEPT_FOR
    given_up = and_(_open(), keys.c.body_hash == body_hash, keys.c.begun_at <= at - GIVEN_UP_AFTER)
    taken = (
        insert(keys)
        .values(row | fresh)
        .on_conflict_do_update(
            index_elements=keys.primary_key,
            set_=fresh | dict.fromkeys(("outcome", "status", "headers", "body"), null()),
            where=or_(expired, given_up),
        )
        .returning(keys.c.key)
    )
    return db.execute(taken).one_or_none() is not None


def _at(slot: Slot) -> ColumnElement[bool]:
    caller, route, key = slot
    return (keys.c.caller == caller) & (keys.c.route == route) & (keys.c.key == key)


def _held(attempt: Attempt) -> ColumnElement[bool]:
    """Whoever takes a slot over writes down when, and so it is no longer the attempt's."""
    return _at(attempt.slot) & (keys.c.begun_at == attempt.begun_at)


def _open() -> ColumnElement[bool]:
    return keys.c.outcome.is_(None) & keys.c.status.is_(None)
