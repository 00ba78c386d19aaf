"""Answers to requests that carried an Idempotency-Key."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    and_,
    delete,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.schema import Moment, metadata
from nexus.application.idempotency import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    IdempotencyInProgress,
    IdempotencyKeyReused,
)
from nexus.application.ports.system import Slot, StoredAnswer

# A row without a status belongs to a request that is running.
keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    CheckConstraint("(status is null) = (body is null)", name="answer"),
)
Index("ix_idempotency_keys_begun_at", keys.c.begun_at)


class SqlAnswers:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, slot: Slot, *, body_hash: str, at: datetime) -> StoredAnswer | None:
        with refusals(), self._engine.begin() as db:
            if _take(db, slot, body_hash, at):
                return None
            row = db.execute(select(keys).where(_at(slot))).one_or_none()
        if row and row.body_hash != body_hash:
            raise IdempotencyKeyReused
        if row is None or row.status is None:
            raise IdempotencyInProgress
        return StoredAnswer(row.status, row.headers, row.body)

    def finish(self, slot: Slot, answer: StoredAnswer) -> None:
        kept = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        with refusals(), self._engine.begin() as db:
            db.execute(update(keys).where(_running(slot)).values(kept))

    def abandon(self, slot: Slot) -> None:
        with refusals(), self._engine.begin() as db:
            db.execute(delete(keys).where(_running(slot)))

    def forget(self, *, before: datetime) -> int:
        with refusals(), self._engine.begin() as db:
            return db.execute(delete(keys).where(keys.c.begun_at <= before)).rowcount


def _take(db: Connection, slot: Slot, body_hash: str, at: datetime) -> bool:
    """Write the slot down, over one that has expired or whose owner must have died."""
    row = dict(zip(("caller", "route", "key"), slot, strict=True))
    fresh: dict[str, Any] = {"body_hash": body_hash, "begun_at": at}
    expired = keys.c.begun_at <= at - KEPT_FOR
    given_up = and_(
        keys.c.status.is_(None),
        keys.c.body_hash == body_hash,
        keys.c.begun_at <= at - GIVEN_UP_AFTER,
    )
    taken = (
        insert(keys)
        .values(row | fresh)
        .on_conflict_do_update(
            index_elements=keys.primary_key,
            set_=fresh | {"status": null(), "headers": null(), "body": null()},
            where=or_(expired, given_up),
        )
        .returning(keys.c.key)
    )
    return db.execute(taken).one_or_none() is not None


def _at(slot: Slot) -> ColumnElement[bool]:
    caller, route, key = slot
    return (keys.c.caller == caller) & (keys.c.route == route) & (keys.c.key == key)


def _running(slot: Slot) -> ColumnElement[bool]:
    return _at(slot) & keys.c.status.is_(None)
