"""What every SQL repository does the same way."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert, update

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
        query = update(table).where(as_read).values(row | {"version": aggregate.version})
        if not self._db.execute(query).rowcount:
            raise Stale
        self._gather(aggregate)

    def _gather(self, aggregate: Aggregate) -> None:
        """Take the events along; they reach the outbox in one insert when the work ends."""
        self._happened += aggregate.events
        aggregate.events.clear()


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
