"""PostgreSQL and Valkey for one run of the tests, shared by its workers, started when asked for."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from redis import Redis
from sqlalchemy.engine import make_url

from nexus.adapters.sql.migrations import upgrade
from nexus.entrypoints.local.postgres import Postgres
from nexus.entrypoints.local.server import answers
from nexus.entrypoints.local.valkey import Valkey

DIRECTORY = "NEXUS_TEST_DIRECTORY"
# A server that is not ours may be used by others, though hardly in its upper databases.
FIRST_FOREIGN_REDIS_DATABASE = 10
MANY = 1000
# What the migrations have written.
MAIN = """INSERT INTO locations (id, code, name, priority, is_active, address)
    VALUES ('00000000-0000-7000-8000-000000000001', 'main', 'Main', 0, true, '')"""


class NotATestDatabase(Exception):
    """Tests empty their database, so they touch none that is not named for it."""


def refuse_real_database(url: str) -> None:
    name = make_url(url).database or ""
    if not name.endswith("_test"):
        raise NotATestDatabase(f"{name!r} does not end in _test")


def prepare_directory() -> None:
    """Agree on a place with the workers, who inherit the environment."""
    os.environ[DIRECTORY] = tempfile.mkdtemp(prefix="nexus-tests-")


def stop_servers() -> None:
    directory = Path(os.environ.pop(DIRECTORY))
    if (directory / "postgres").exists():
        postgres(directory).stop_leftover()
    if (directory / "valkey").exists():
        valkey(directory).stop_leftover()
    shutil.rmtree(directory)


# Kept, since Python complains of a process that is forgotten before it ends.
@cache
def postgres(directory: Path) -> Postgres:
    return Postgres(directory / "postgres", directory / "postgres.log", durable=False)


@cache
def valkey(directory: Path) -> Valkey:
    return Valkey(directory / "valkey", directory / "valkey.log", durable=False)


@contextmanager
def alone() -> Iterator[Path]:
    """Keep the other workers out, and say where the servers live."""
    directory = Path(os.environ[DIRECTORY])
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory


def database_for(worker: str) -> str:
    """Return the URL of an empty, migrated database of this worker's own."""
    with alone() as directory:
        base = os.environ.get("DATABASE_URL") or embedded_database(directory)
        refuse_real_database(base)
        template = named(base, "template")
        migrated = directory / "migrated"
        if not migrated.exists():
            recreate(base, template)
            upgrade(template)
            migrated.touch()
        mine = named(base, worker)
        recreate(base, mine, template=template)
        return mine


def embedded_database(directory: Path) -> str:
    server = postgres(directory)
    if not (directory / "postgres" / "postmaster.pid").exists():
        server.start()
    return server.url("nexus_test")


def named(base: str, part: str) -> str:
    url = make_url(base)
    name = f"{(url.database or '').removesuffix('_test')}_{part}_test"
    return url.set(database=name).render_as_string(hide_password=False)


def recreate(base: str, url: str, *, template: str | None = None) -> None:
    """Make the database anew, over a connection to the one that every server has."""
    refuse_real_database(url)
    name = Identifier(make_url(url).database or "")
    source = Identifier((make_url(template).database if template else None) or "template1")
    with psycopg.connect(driverless(base, database="postgres"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, source))


def empty(url: str) -> None:
    """Forget every row, whatever triggers say, but what the migrations have written.

    Most tests fill few tables, and to truncate one that is empty costs as much as any.
    """
    refuse_real_database(url)
    with psycopg.connect(driverless(url)) as connection:
        connection.execute("SET lock_timeout = '5s'; SET session_replication_role = replica")
        if filled := _filled(connection):
            connection.execute(_emptying(filled))
            connection.execute(MAIN)


def _filled(connection: psycopg.Connection) -> dict[str, bool]:
    """Return the tables that hold anything, and whether it is much."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    ).fetchall()
    each = [
        SQL("SELECT {}, EXISTS (SELECT FROM {} OFFSET {}) WHERE EXISTS (SELECT FROM {})").format(
            name, Identifier(name), MANY, Identifier(name)
        )
        for (name,) in tables
    ]
    return dict(connection.execute(SQL(" UNION ALL ").join(each)).fetchall()) if each else {}


def _emptying(filled: Mapping[str, bool]) -> Composed:
    forget = {True: SQL("TRUNCATE {} CASCADE"), False: SQL("DELETE FROM {}")}
    each = [forget[many].format(Identifier(name)) for name, many in filled.items()]
    return SQL("; ").join(each)


def driverless(url: str, *, database: str | None = None) -> str:
    parsed = make_url(url).set(drivername="postgresql")
    parsed = parsed.set(database=database) if database else parsed
    return parsed.render_as_string(hide_password=False)


def redis_for(worker_number: int) -> str:
    """Return the URL of a logical database of this worker's own, emptied."""
    if given := os.environ.get("REDIS_URL"):
        return f"{given.rsplit('/', 1)[0]}/{FIRST_FOREIGN_REDIS_DATABASE + worker_number}"
    with alone() as directory:
        server = valkey(directory)
        if not answers(directory / "valkey" / "valkey.sock"):
            server.start()
        return server.url(worker_number)


def forget(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
