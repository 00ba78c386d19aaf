"""What every query does the same way: one statement, on autocommit, nothing to roll back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, Executable, Row, Select, func, literal_column, select
from sqlalchemy.exc import DBAPIError

from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.queries.keyset import SortKey, following, in_order
from nexus.application.ports.pages import Page, PageWanted

T = TypeVar("T")

# A list that is longer is not counted: that would cost more with every row it gets.
MOST_COUNTED = 100_000


class SqlQueries:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _all(self, statement: Executable, **values: Any) -> Sequence[Row[Any]]:
        def ask() -> Sequence[Row[Any]]:
            with self._engine.connect() as db:
                return db.execute(statement, values).all()

        return _twice(ask)

    def _first(self, statement: Executable, **values: Any) -> Row[Any] | None:
        def ask() -> Row[Any] | None:
            with self._engine.connect() as db:
                return db.execute(statement, values).first()

        return _twice(ask)

    def _rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run text with `%(name)s` in it: a statement that is made once and asked for often.

        The driver is asked itself, which costs half of what it does with SQLAlchemy between.
        """

        def ask() -> list[tuple[Any, ...]]:
            pooled = self._engine.raw_connection()
            db: Any = pooled.driver_connection
            try:
                rows: list[tuple[Any, ...]] = db.execute(sql, values).fetchall()
                return rows
            except psycopg.Error as error:
                if not db.closed:
                    raise
                # The others of the pool went the same way.
                self._engine.dispose()
                raise DBAPIError(sql, None, error, connection_invalidated=True) from error
            finally:
                pooled.close()

        return _twice(ask)

    def _page(
        self,
        found: Select[Any],
        keys: Sequence[SortKey],
        wanted: PageWanted,
        read: Callable[[Row[Any]], T],
    ) -> Page[T]:
        """Return a page of what is found, which selects its keys; one row more tells of a next."""
        rows = self._all(_cut(found, keys, wanted))
        shown = rows[: wanted.size]
        follows = len(rows) > wanted.size
        last = tuple(shown[-1]._mapping[it.column] for it in keys) if follows else None
        count = None if wanted.is_walk else self._count(found, wanted, len(rows))
        return Page(tuple(map(read, shown)), count, last)

    def _count(self, found: Select[Any], wanted: PageWanted, seen: int) -> int | None:
        """Count them all, unless the end is in sight; None where they are too many to count."""
        if seen <= wanted.size and (seen or wanted.number == 1):
            return wanted.offset + seen
        each: Select[Any] = found.with_only_columns(literal_column("1"), maintain_column_froms=True)
        some = each.limit(MOST_COUNTED + 1).subquery()
        row = self._first(select(func.count()).select_from(some))
        return row[0] if row and row[0] <= MOST_COUNTED else None


class IllustratedQueries(SqlQueries):
    """Shows pictures, whose paths lie below `media` for whoever fetches them."""

    def __init__(self, engine: Engine, *, media: str) -> None:
        super().__init__(engine)
        self._media = media

    def _told(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._rows(sql, values | {"media": self._media})


def _twice(ask: Callable[[], T]) -> T:
    """Ask again if the connection was lost while nobody used it; reading twice changes nothing."""
    with refusals():
        try:
            return ask()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return ask()


def _cut(found: Select[Any], keys: Sequence[SortKey], wanted: PageWanted) -> Select[Any]:
    query = found.order_by(*in_order(keys)).limit(wanted.size + 1)
    if wanted.after:
        return query.where(following(keys, wanted.after))
    return query.offset(wanted.offset) if wanted.offset else query
