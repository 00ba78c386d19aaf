"""What the database refuses, in the domain's words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nexus.domain.shared import AlreadyExists, NexusError, Stale, Unavailable, invalid


class DatabaseUnavailable(Unavailable):
    code = "service_unavailable"


# Named constraints, and what breaking one means to the caller. Each noun's module adds its own.
REFUSALS: dict[str, Callable[[], NexusError]] = {}

_UNIQUE, _EXCLUDED, _FOREIGN, _CHECK = "23505", "23P01", "23503", "23514"
_AGAIN = {"40001", "40P01"}
_BUSY = {"55P03", "57014", "25P03", "53300", "57P01", "57P02", "57P03", "57P04", "57P05"}


def refuse_duplicate(constraint: str, field: str) -> None:
    REFUSALS[constraint] = lambda: AlreadyExists(field)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the driver raises into what the application knows; pass on what is a bug."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        raise _refusal(error.orig) or error from error
    except psycopg.Error as error:
        raise _refusal(error) or error from error


def _refusal(error: BaseException | None) -> NexusError | None:
    if not isinstance(error, psycopg.Error):
        return None
    state, name = error.sqlstate, error.diag.constraint_name
    if state in (_UNIQUE, _EXCLUDED, _FOREIGN, _CHECK) and name in REFUSALS:
        return REFUSALS[name]()
    if state in _AGAIN:
        return Stale()
    if isinstance(error, psycopg.DataError):
        return invalid("_", "Some value is outside what can be stored.")
    if state in _BUSY or (state or "").startswith("08"):
        return DatabaseUnavailable()
    # What the server has not said: it could not be reached, or went away.
    if state is None and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return DatabaseUnavailable()
    return None
