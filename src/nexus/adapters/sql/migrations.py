"""Walking the schema up and down."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

FOLDER = Path(__file__).parents[4] / "migrations"
_ADVISORY_LOCK = 7_239_120


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision; safe to call from several processes at once."""
    _walk(database_url, command.upgrade, revision)


def downgrade(database_url: str, revision: str) -> None:
    _walk(database_url, command.downgrade, revision)


def _walk(database_url: str, step: Callable[[Config, str], None], revision: str) -> None:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as db:
        db.exec_driver_sql(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})")
        db.commit()
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = db
        step(config, revision)
        db.commit()
