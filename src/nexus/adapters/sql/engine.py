"""The connection pool, with the time limits that keep one slow query from stopping a shop."""

import orjson
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}


def sql_engine(url: str, *, pool: int) -> Engine:
    """Return an engine that opens nothing until it is used, so that it survives a fork."""
    options = " ".join(f"-c {name}={value}" for name, value in _LIMITS.items())
    # Some hosts still hand out the scheme that SQLAlchemy has given up.
    named = make_url(url.replace("postgres://", "postgresql://", 1))
    return create_engine(
        named.set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=2,
        pool_recycle=600,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 3, "application_name": "nexus"},
        json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
        json_deserializer=orjson.loads,
    )
