"""What every query does the same way: one statement, on autocommit, nothing to roll back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Executable, Row

from nexus.adapters.sql.errors import refusals


class SqlQueries:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def _all(self, statement: Executable, **values: Any) -> Sequence[Row[Any]]:
        with refusals(), self._engine.connect() as db:
            return db.execute(statement, values).all()

    def _first(self, statement: Executable, **values: Any) -> Row[Any] | None:
        with refusals(), self._engine.connect() as db:
            return db.execute(statement, values).first()


def in_order(
    asked: Sequence[str], columns: Mapping[str, ColumnElement[Any]], id_: ColumnElement[Any]
) -> Iterator[ColumnElement[Any]]:
    """Order by the keys asked for, `-` in front for falling, and then by the newest id."""
    for key in asked:
        column = columns[key.removeprefix("-")]
        yield column.desc() if key.startswith("-") else column.asc()
    yield id_.desc()
