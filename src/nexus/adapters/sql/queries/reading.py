"""What every query does the same way: one statement, on autocommit, nothing to roll back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Executable, Row

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
