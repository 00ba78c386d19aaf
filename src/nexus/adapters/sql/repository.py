"""What every SQL repository does the same way."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Select,
    Table,
    bindparam,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from nexus.domain.shared import Aggregate, Event, Stale

Row = dict[str, Any]


class SqlRepository:
    """Writes through one connection; what happened is gathered for the outbox of this work."""

    def __init__(self, db: Connection, happened: list[Event]) -> None:
        self._db = db
        self._happened = happened

    def _insert(self, table: Table, aggregate: Aggregate, row: Row) -> None:
        self._db.execute(insert(table), row | {"version": aggregate.version})
        self._gather(aggregate)

    def _update(self, table: Table, aggregate: Aggregate, key: Any, row: Row) -> None:
        """Write the row, unless someone else has written it since it was read."""
        (id_,) = table.primary_key
        as_read = (id_ == key) & (table.c.version == aggregate.version)
        aggregate.version += 1
        # A row whose key is written, be it to the same, is waited for by all that refer to it.
        told = {name: value for name, value in row.items() if name != id_.name}
        query = update(table).where(as_read).values(told | {"version": aggregate.version})
        if not self._db.execute(query).rowcount:
            raise Stale
        self._gather(aggregate)

    def _insert_rows(self, table: Table, rows: Sequence[Row]) -> None:
        insert_rows(self._db, table, rows)

    def _update_all(self, table: Table, kept: Sequence[Aggregate], rows: Sequence[Row]) -> None:
        """Write all the rows in one statement, unless someone else has written any of them."""
        if not kept:
            return
        told = [row | {"version": it.version} for row, it in zip(rows, kept, strict=True)]
        given = given_rows([table.c[name] for name in told[0]])
        (id_,) = table.primary_key
        as_read = (id_ == given.c[id_.name]) & (table.c.version == given.c.version)
        values: dict[str, ColumnElement[Any]] = {it: given.c[it] for it in told[0]}
        del values[id_.name]
        values["version"] = given.c.version + 1
        query = update(table).where(as_read).values(values)
        if self._db.execute(query, {"rows": told}).rowcount < len(kept):
            raise Stale
        for it in kept:
            it.version += 1
            self._gather(it)

    def _gather(self, aggregate: Aggregate) -> None:
        """Take the events along; they reach the outbox in one insert when the work ends."""
        self._happened += aggregate.events
        aggregate.events.clear()


def picked(some: Select[Any]) -> Select[Any]:
    """Return the ids of rows that a query picks, and locks but for those that others are at."""
    # Picked once: a subquery may be asked again for every row, and picks others each time.
    free = some.with_for_update(skip_locked=True).cte("free").prefix_with("MATERIALIZED")
    return select(free.c.id)


def insert_rows(db: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write the rows, however many, in one statement: what follows from it is done once for all."""
    if rows:
        db.execute(_insertion(table, *rows[0]), {"rows": rows})


@cache
def _insertion(table: Table, *names: str) -> Insert:
    return insert(table).from_select(names, select(given_rows([table.c[it] for it in names])))


def given_rows(columns: Iterable[Column[Any]]) -> FromClause:
    """Return the parameter `rows` as a table of such columns, however many rows it has."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    named = rows.table_valued(*(column(it.name, it.type) for it in columns), name="given")
    return named.render_derived(with_types=True)


def event_data(event: Event) -> Row:
    """Return the event's facts as plain JSON."""
    return {name: _plain(value) for name, value in asdict(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | datetime):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
