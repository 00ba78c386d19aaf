"""The connection pool, with the time limits that keep one slow query from stopping a shop."""

from typing import Any

import orjson
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}
# Many small questions at once: none is worth compiling or a second process, and no disk has to
# move a head to where an index points.
_PLANNING = {"jit": "off", "max_parallel_workers_per_gather": "0", "random_page_cost": "1.1"}


def sql_engine(url: str, *, pool: int) -> Engine:
    """Return an engine that opens nothing until it is used, so that it survives a fork."""
    return _engine(url, pool, pool_pre_ping=True)


def reading_engine(url: str, *, pool: int) -> Engine:
    """Return an engine for single SELECTs: nothing to begin, nothing to roll back.

    Nor does it ask first whether a connection still lives: who reads may simply ask again.
    """
    return _engine(
        url,
        pool,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_reset_on_return=None,
    )


def _engine(url: str, pool: int, **how: Any) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in (_LIMITS | _PLANNING).items())
    return create_engine(
        # Whatever the scheme: some hosts still hand out the one that SQLAlchemy has given up.
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=2,
        pool_recycle=600,
        # What is written stands in no error, and so in no log: hashes, addresses, phones.
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": 3, "application_name": "nexus"},
        json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
        json_deserializer=orjson.loads,
        **how,
    )
