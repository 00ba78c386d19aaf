"""The schema as the migrations make it is the one that the code believes in."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from nexus.adapters.sql.migrations import FOLDER, downgrade, upgrade
from nexus.adapters.sql.schema import metadata
from nexus.adapters.sql.work import sql_work  # noqa: F401  (makes every table known)
from tests.servers import driverless


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


def test_no_rating_outlives_the_reviews_that_it_came_from(empty_database: str) -> None:
    upgrade(empty_database)
    with psycopg.connect(driverless(empty_database)) as db:
        db.execute("""
            INSERT INTO products (id, name, slug, price_minor, currency, status, created_at,
                                  updated_at, rating_average, rating_count)
            VALUES (gen_random_uuid(), 'Mug', 'mug', 100, 'ETB', 'active', now(), now(), 4.5, 2)
        """)

    downgrade(empty_database, "0010")
    upgrade(empty_database)

    with psycopg.connect(driverless(empty_database)) as db:
        rated = db.execute("SELECT rating_average, rating_count FROM products").fetchall()
        listed = db.execute("SELECT DISTINCT rating FROM listings").fetchall()
    assert (rated, listed) == ([(None, 0)], [(0,)])
