"""The counters of PostgreSQL, which count while Redis is away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Engine, Index, Integer, String, Table, delete
from sqlalchemy.dialects.postgresql import insert

from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.schema import Moment, metadata
from nexus.application.ports.limits import Window

# Not logged ahead: after a crash of the server the counts begin anew, and no flood fills its log.
counts = Table(
    "counts",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("ends_at", Moment, primary_key=True),
    Column("count", Integer, nullable=False),
    prefixes=["UNLOGGED"],
)
Index("ix_counts_ends_at", counts.c.ends_at)


class SqlCounters:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        # In the order of their keys, or two requests could wait for each other.
        rows = [
            {"key": it.key, "ends_at": it.ends_at, "count": amount}
            for it in sorted(windows, key=lambda it: it.key)
        ]
        fresh = insert(counts).values(rows)
        upsert: Any = fresh.on_conflict_do_update(
            index_elements=counts.primary_key, set_={"count": counts.c.count + fresh.excluded.count}
        ).returning(counts.c.key, counts.c.ends_at, counts.c.count)
        with refusals(), self._engine.begin() as db:
            found = {(key, ends_at): count for key, ends_at, count in db.execute(upsert)}
        return [found[it.key, it.ends_at] for it in windows]

    def forget(self, *, before: datetime) -> int:
        with refusals(), self._engine.begin() as db:
            return db.execute(delete(counts).where(counts.c.ends_at <= before)).rowcount
