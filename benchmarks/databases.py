"""Shops of several sizes in one PostgreSQL, loaded once and kept."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg.sql import SQL, Identifier
from redis import Redis

from nexus.adapters.sql import bulk_load
from nexus.adapters.sql.bulk_load import LoadProducts
from nexus.adapters.sql.engine import sql_engine
from nexus.adapters.sql.migrations import FOLDER, upgrade
from nexus.entrypoints.local.postgres import Postgres
from nexus.entrypoints.local.record import sole_supervisor
from nexus.entrypoints.local.valkey import Valkey

CURRENCY = "ETB"


@dataclass(frozen=True)
class Databases:
    """A PostgreSQL and a Valkey, set as `make run` has them."""

    postgres: Postgres
    valkey: Valkey

    @property
    def postgres_process(self) -> psutil.Process:
        told = (self.postgres.data / "postmaster.pid").read_text()
        return psutil.Process(int(told.split("\n", 1)[0]))

    def redis_urls(self, number: int) -> tuple[str, str]:
        """Return two for each size, so that nobody finds what another has kept."""
        return self.valkey.url(2 * number), self.valkey.url(2 * number + 1)

    def load(self, products: int, progress: Callable[[int], object]) -> str:
        """Return the URL of a database with that many products, made unless it is there."""
        name = f"bench_{products}_{_fingerprint()}"
        url = self.postgres.url(name)
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as db:
            if not _exists(db, name):
                self._make(db, name, products, progress)
        progress(products)
        return url

    def _make(
        self, db: psycopg.Connection, name: str, products: int, progress: Callable[[int], object]
    ) -> None:
        # It has its name when it is complete; a load that was interrupted is gone on with.
        draft = f"{name}_new"
        url = self.postgres.url(draft)
        if not _exists(db, draft):
            _remove_outdated(db, products)
            db.execute(SQL("CREATE DATABASE {}").format(Identifier(draft)))
        upgrade(url)
        engine = sql_engine(url, pool=1)
        LoadProducts(engine, CURRENCY, lambda _: None)(count=products, progress=progress)
        engine.dispose()
        # Else it would be done while something is measured.
        with psycopg.connect(url, autocommit=True) as loaded:
            loaded.execute("VACUUM (ANALYZE)")
        db.execute(
            SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(draft), Identifier(name))
        )
        db.execute("CHECKPOINT")


@contextmanager
def started(home: Path) -> Iterator[Databases]:
    (home / "log").mkdir(parents=True, exist_ok=True)
    postgres = Postgres(home / "postgres", home / "log" / "postgres.log")
    valkey = Valkey(home / "valkey", home / "log" / "valkey.log")
    with sole_supervisor(home):
        try:
            postgres.start()
            valkey.start()
            with Redis.from_url(valkey.url()) as client:
                client.flushall()
            yield Databases(postgres, valkey)
        finally:
            valkey.stop()
            postgres.stop()


def _fingerprint() -> str:
    """Return what changes whenever a database would be made otherwise."""
    sources = [Path(bulk_load.__file__), *sorted((FOLDER / "versions").glob("*.py"))]
    return hashlib.sha256(b"".join(it.read_bytes() for it in sources)).hexdigest()[:8]


def _exists(db: psycopg.Connection, name: str) -> bool:
    query = "SELECT FROM pg_database WHERE datname = %s"
    return db.execute(query, [name]).fetchone() is not None


def _remove_outdated(db: psycopg.Connection, products: int) -> None:
    query = "SELECT datname FROM pg_database WHERE datname LIKE %s"
    for (name,) in db.execute(query, [f"bench\\_{products}\\_%"]).fetchall():
        db.execute(SQL("DROP DATABASE {}").format(Identifier(name)))
