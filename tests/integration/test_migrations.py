"""The schema as the migrations make it is the one that the code believes in."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from nexus.adapters.sql.migrations import FOLDER, downgrade, upgrade
from nexus.adapters.sql.schema import metadata
from nexus.adapters.sql.work import sql_work  # noqa: F401  (makes every table known)


def test_walk_up_down_and_up_again(empty_database: str) -> None:
    url = make_url(empty_database).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)

    upgrade(empty_database)
    downgrade(empty_database, "base")
    left = set(inspect(engine).get_table_names()) - {"alembic_version"}
    upgrade(empty_database)
    with engine.connect() as db:
        difference = compare_metadata(MigrationContext.configure(db), metadata)

    assert left == set()
    assert difference == []


def test_each_step_can_be_taken_back(empty_database: str) -> None:
    revisions = sorted(path.name[:4] for path in (FOLDER / "versions").glob("0*.py"))

    for revision in revisions:
        upgrade(empty_database, revision)
        downgrade(empty_database, "-1")
        upgrade(empty_database, revision)
