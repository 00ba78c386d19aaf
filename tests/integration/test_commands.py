from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from nexus.entrypoints.cli import main
from tests.servers import driverless

pytestmark = pytest.mark.long

Run = Callable[..., Result]
ADMIN = "SELECT email, role, verified_at IS NOT NULL FROM users"
TABLES = (
    *("users", "addresses", "categories", "products", "variants", "product_images"),
    *("stock_items", "stock_movements", "coupons", "outbox"),
)


@pytest.fixture
def environ(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    where = {"NEXUS_ENV": "test", "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return where | {"MEDIA_ROOT": str(tmp_path), "SMTP_PORT": "1", "COLUMNS": "200"}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    def run(*arguments: str, **told: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environ | told)

    return run


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(driverless(database_url), autocommit=True) as connection:
        yield connection


def counts(db: psycopg.Connection) -> dict[str, int]:
    found = {it: db.execute(f"SELECT count(*) FROM {it}").fetchone() for it in TABLES}  # noqa: S608 (names of ours)
    return {name: row[0] for name, row in found.items() if row}


class TestMigrate:
    def test_leaves_a_verified_administrator_and_no_second_one(
        self, run: Run, db: psycopg.Connection
    ) -> None:
        assert run("migrate").exit_code == 0

        assert run("migrate").exit_code == 0

        assert db.execute(ADMIN).fetchall() == [("admin@nexus.test", "admin", True)]


class TestCreateAdmin:
    def test_leaves_an_account_that_the_address_has(self, run: Run, db: psycopg.Connection) -> None:
        told = ("create-admin", "--email", "sara@nexus.test", "--password", "quiet-highland-9")

        assert "role admin" in run(*told).output
        assert "role admin" in run(*told).output

        assert db.execute(ADMIN).fetchall() == [("sara@nexus.test", "admin", True)]

    def test_knows_an_address_in_its_one_form(self, run: Run, db: psycopg.Connection) -> None:
        told = ("--email", "Sara@xn--bcher-kva.example", "--password", "quiet-highland-9")

        assert run("create-admin", *told).exit_code == 0

        assert db.execute(ADMIN).fetchall() == [("sara@bücher.example", "admin", True)]

    def test_refuses_what_is_no_address(self, run: Run, db: psycopg.Connection) -> None:
        refused = run("create-admin", "--email", "sara", "--password", "quiet-highland-9")

        assert (refused.exit_code, "is not an e-mail address" in refused.output) == (1, True)
        assert db.execute(ADMIN).fetchall() == []


class TestSeed:
    def test_a_second_time_changes_nothing(self, run: Run, db: psycopg.Connection) -> None:
        assert run("seed", "--size", "small").exit_code == 0
        before = counts(db)

        assert run("seed", "--size", "small").exit_code == 0

        assert counts(db) == before
        assert before["products"] == before["product_images"] == 8

    def test_completes_what_was_interrupted(self, run: Run, db: psycopg.Connection) -> None:
        run("seed", "--size", "small")
        before = counts(db)
        db.execute("DELETE FROM product_images")
        db.execute("DELETE FROM products WHERE slug = 'black-clay-jebena'")
        db.execute("DELETE FROM coupons WHERE code = 'WELCOME10'")

        run("seed", "--size", "small")

        after = counts(db)
        assert {it: after[it] for it in TABLES[:-1]} == {it: before[it] for it in TABLES[:-1]}

    def test_gives_the_demo_customer_to_no_shop_in_production(
        self, run: Run, db: psycopg.Connection
    ) -> None:
        keys = {
            name: f"{name}-of-nobody-but-this-test" for name in ("SECRET_KEY", "JWT_SECRET_KEY")
        }
        real = {"NEXUS_ENV": "production", "SMTP_HOST": "127.0.0.1"} | keys

        assert run("seed", "--size", "small", **real).exit_code == 0

        assert counts(db)["users"] == 0


class TestLoad:
    def test_adds_what_is_missing_and_keeps_the_ledger(
        self, run: Run, db: psycopg.Connection
    ) -> None:
        run("seed", "--size", "load", "--products", "120")
        db.execute("DELETE FROM products WHERE slug = 'load-0000007'")

        result = run("seed", "--size", "load", "--products", "150")

        assert "31" in result.output
        assert counts(db)["products"] == counts(db)["stock_movements"] == 150
        wrong = db.execute(
            "SELECT count(*) FROM stock_items s WHERE (on_hand, reserved) <> ("
            " SELECT sum(on_hand_delta), sum(reserved_delta)"
            " FROM stock_movements m WHERE m.variant_id = s.variant_id)"
        ).fetchone()
        assert wrong == (0,)


class TestDoctor:
    def test_says_what_answers_and_shows_no_secret(self, run: Run) -> None:
        result = run("doctor", CHAPA_WEBHOOK_SECRET="not-to-be-seen")

        assert result.exit_code == 0
        assert "PostgreSQL" in result.output
        assert "Set SMTP_HOST" in result.output
        assert "not-to-be-seen" not in result.output

    def test_fails_with_the_mend_where_a_shop_cannot_be(self, run: Run) -> None:
        result = run("doctor", DATABASE_URL="postgresql://127.0.0.1:1/nexus_test")

        assert result.exit_code == 1
        assert "Set DATABASE_URL" in result.output
