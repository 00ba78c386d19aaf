import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from nexus.adapters.sql.engine import reading_engine, sql_engine
from nexus.adapters.sql.queries.identity import SqlIdentityQueries
from nexus.domain.shared import new_id
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


def test_reads_again_when_a_connection_was_lost_while_nobody_used_it(
    shop: Shop, database_url: str
) -> None:
    engine = reading_engine(database_url, pool=1)
    queries = SqlIdentityQueries(engine)
    with engine.connect() as db:
        pid = db.scalar(text("SELECT pg_backend_pid()"))

    shop.all("SELECT pg_terminate_backend(:pid)", pid=pid)

    assert list(queries.addresses_of(new_id())) == []
    engine.dispose()
