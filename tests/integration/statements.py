"""The statements that are sent while somebody listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event

Sent = tuple[str, Any]


@contextmanager
def heard() -> Iterator[list[Sent]]:
    """Gather each with its values, as often as the database is to run it.

    That is what SQLAlchemy is told, and what the driver is.
    """
    sent: list[Sent] = []
    execute = psycopg.Connection.execute

    def note(_: Any, __: Any, statement: str, values: Any, ___: Any, is_many: bool) -> None:
        sent.extend((statement, it) for it in (values if is_many else [values]))

    def noted(db: Any, statement: str, values: Any = None, **how: Any) -> Any:
        sent.append((statement, values))
        return execute(db, statement, values, **how)

    event.listen(Engine, "before_cursor_execute", note)
    psycopg.Connection.execute = noted  # type: ignore[method-assign, assignment]
    try:
        yield sent
    finally:
        psycopg.Connection.execute = execute  # type: ignore[method-assign]
        event.remove(Engine, "before_cursor_execute", note)
