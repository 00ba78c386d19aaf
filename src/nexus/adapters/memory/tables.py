"""Rows in memory: copies going in and copies coming out, as a database does."""

from collections.abc import Callable, Hashable
from copy import deepcopy
from typing import Any, Generic, TypeVar

from nexus.domain.shared import Aggregate, Event, Stale

T = TypeVar("T", bound=Aggregate)


class MemoryTable(Generic[T]):
    """Aggregates by their key, checked for staleness as the SQL repositories do."""

    def __init__(self, happened: list[Event]) -> None:
        self._rows: dict[Hashable, T] = {}
        self._happened = happened

    def insert(self, key: Hashable, row: T) -> None:
        self._happened += row.events
        row.events.clear()
        self._rows[key] = deepcopy(row)

    def update(self, key: Hashable, row: T) -> None:
        """Write the row, unless someone else has written it since it was read."""
        if key not in self._rows or self._rows[key].version != row.version:
            raise Stale
        row.version += 1
        self.insert(key, row)

    def delete(self, key: Hashable) -> None:
        del self._rows[key]

    def get(self, key: Hashable) -> T | None:
        return deepcopy(self._rows.get(key))

    def where(self, holds: Callable[[T], bool]) -> list[T]:
        return [deepcopy(row) for row in self._rows.values() if holds(row)]

    def first(self, holds: Callable[[T], bool]) -> T | None:
        return next(iter(self.where(holds)), None)


class Tables:
    """Every table of one shop; a work copies all of it, so keep tests small."""

    def __init__(self) -> None:
        self.happened: list[Event] = []
        self._tables: dict[str, MemoryTable[Any]] = {}
        self._counters: dict[str, int] = {}

    def table(self, name: str) -> MemoryTable[Any]:
        return self._tables.setdefault(name, MemoryTable(self.happened))

    def counter(self, name: str) -> int:
        """Return the next number of a sequence."""
        self._counters[name] = self._counters.get(name, 0) + 1
        return self._counters[name]
