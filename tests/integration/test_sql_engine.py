import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from nexus.adapters.sql.engine import sql_engine
from tests.integration.shop import Shop


class TestSqlEngine:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_takes_every_scheme_that_hosts_hand_out(self, database_url: str, scheme: str) -> None:
        engine = sql_engine(f"{scheme}://{database_url.partition('://')[2]}", pool=1)

        with engine.connect() as db:
            assert db.scalar(text("SELECT current_setting('timezone')")) == "UTC"
        engine.dispose()

    def test_lets_no_error_tell_what_was_written(self, database_url: str) -> None:
        engine = sql_engine(database_url, pool=1)

        with engine.connect() as db, pytest.raises(DataError) as error:
            db.execute(text("SELECT 1 / 0, CAST(:hash AS text)"), {"hash": "hush"})

        assert "hush" not in str(error.value)
        engine.dispose()


def test_reads_again_when_a_connection_was_lost_while_nobody_used_it(shop: Shop) -> None:
    queries = shop.container.catalog_queries()
    queries.categories(hidden=True)

    shop.all(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    assert queries.categories(hidden=True) == []
