"""Lists in a total order, and what comes after a row of one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, tuple_

from nexus.application.ports.pages import Keys
from nexus.domain.shared import invalid


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column that a list is sorted by. Rows without a value come last in either direction."""

    column: ColumnElement[Any]
    falling: bool = False
    nullable: bool = False

    @property
    def directed(self) -> ColumnElement[Any]:
        directed = self.column.desc() if self.falling else self.column.asc()
        return directed.nulls_last() if self.nullable else directed

    def beyond(self, value: Any) -> ColumnElement[bool]:
        if value is None:
            return false()
        there = literal(value, self.column.type)
        farther = self.column < there if self.falling else self.column > there
        return farther | self.column.is_(None) if self.nullable else farther

    def equal(self, value: Any) -> ColumnElement[bool]:
        absent = self.column.is_(None)
        return absent if value is None else self.column == literal(value, self.column.type)


def sort_keys(
    asked: Sequence[str], columns: Mapping[str, ColumnElement[Any]], id_: ColumnElement[Any]
) -> list[SortKey]:
    """Sort by the keys asked for, `-` in front for falling; of equals, and unasked, by the id.

    The id goes the way of the first key, so that one index serves both directions.
    """
    keys = [SortKey(columns[it.removeprefix("-")], it.startswith("-")) for it in asked]
    return [*keys, SortKey(id_, keys[0].falling if keys else True)]


def following(keys: Sequence[SortKey], after: Keys) -> ColumnElement[bool]:
    """Select what comes after the row of these keys.

    Where all go one way this is a comparison of rows, which begins in the index where the row
    stands; where they do not, the first key alone says where to begin.
    """
    if len(keys) != len(after):
        # The list has got another order since the cursor was given.
        raise invalid("cursor", "No longer a cursor of this list.")
    if len({it.falling for it in keys}) == 1 and not any(it.nullable for it in keys):
        return _beyond_row(keys, after)
    later = or_(*_later(keys, after))
    first, value = keys[0], after[0]
    return later if value is None else and_(first.beyond(value) | first.equal(value), later)


def _beyond_row(keys: Sequence[SortKey], after: Keys) -> ColumnElement[bool]:
    row = tuple_(*(it.column for it in keys))
    there = tuple_(*(literal(value, it.column.type) for it, value in zip(keys, after, strict=True)))
    return row < there if keys[0].falling else row > there


def _later(keys: Sequence[SortKey], after: Keys) -> Iterator[ColumnElement[bool]]:
    """Of each key in turn: all before it equal, and it beyond."""
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(keys, after, strict=True):
        yield and_(*equal, key.beyond(value))
        equal.append(key.equal(value))


def in_order(keys: Iterable[SortKey]) -> list[ColumnElement[Any]]:
    return [key.directed for key in keys]
