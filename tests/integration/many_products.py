"""Products by the hundred thousand, made by PostgreSQL itself in some seconds."""

import fcntl
import os
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers import DIRECTORY, database_for, driverless

MANY = 200_000

# Triggers and foreign keys rest, since nothing here needs to be checked; what the triggers would
# have written is written in the end, all at once.
_STATEMENTS = (
    "SET session_replication_role = replica",
    "CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE"
    " RETURN (kind || '000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
    "CREATE FUNCTION pg_temp.mixed(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE"
    " RETURN (n * 2654435761 & 4294967295) >> 8",
    """
    INSERT INTO categories (id, name, slug, path, parent_id)
    SELECT id, 'Category ' || n, 'category-' || n,
           CASE WHEN n >= 5 THEN replace(parent::text, '-', '') || '/' ELSE '' END
               || replace(id::text, '-', '') || '/',
           CASE WHEN n >= 5 THEN parent END
    FROM generate_series(0, 54) AS n, pg_temp.id('c0', n) AS id, pg_temp.id('c0', n % 5) AS parent
    """,
    """
    INSERT INTO products (id, name, slug, description, price_minor, compare_at_minor, currency,
                          status, brand, tags, attributes, is_featured, rating_average,
                          rating_count, created_at, updated_at)
    SELECT pg_temp.id('00', n), 'Kind' || n % 40 || ' edition' || mixed % 100 || ' ' || n,
           'product-' || n, 'Sturdy and light, for house and season', price,
           CASE WHEN n % 100 = 3 THEN price + 1 END, 'ETB',
           CASE WHEN n % 50 = 0 THEN 'discontinued' ELSE 'active' END, 'Maker' || n % 70,
           ARRAY['tag' || n % 90], jsonb_build_object('ram', n % 60), n % 500 = 1,
           CASE WHEN n % 3 = 0 THEN 1 + mixed % 400 / 100.0 END, 1, moment, moment
    FROM generate_series(1, %(many)s) AS n, pg_temp.mixed(n) AS mixed,
        LATERAL (SELECT 5000 + mixed % 1000000) AS p (price),
        LATERAL (SELECT timestamptz '2026-01-01Z' + n * interval '1 second') AS m (moment)
    """,
    """
    INSERT INTO variants (id, product_id, sku, options)
    SELECT pg_temp.id('01', n), pg_temp.id('00', n), 'SKU-' || n,
           jsonb_build_object('size', (ARRAY['XS', 'S', 'M', 'L', 'XL', 'XXL'])[1 + n % 6])
    FROM generate_series(1, %(many)s) AS n
    """,
    """
    INSERT INTO stock_items (variant_id, on_hand, reserved, sold, threshold, low)
    SELECT pg_temp.id('01', n), CASE WHEN n % 200 = 7 THEN 0 ELSE 9 END, 0, n % 1000, 5, false
    FROM generate_series(1, %(many)s) AS n
    """,
    """
    INSERT INTO product_categories (product_id, category_id, is_primary, position)
    SELECT pg_temp.id('00', n), pg_temp.id('c0', 5 + n % 50), true, 0
    FROM generate_series(1, %(many)s) AS n
    """,
    # They have all words between them.
    "SELECT nexus_learn(array_agg(name || ' ' || brand)) FROM (SELECT * FROM products LIMIT 5000)",
    "INSERT INTO listings TABLE true_listings",
    """
    INSERT INTO listing_counts
    SELECT category_id, count(*) FROM listings WHERE is_active GROUP BY category_id
    """,
)


def database_of_many() -> str:
    """Return the URL of a database that is filled once for all workers, who only read it."""
    place = Path(os.environ[DIRECTORY])
    with (place / "many.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        filled = place / "many"
        if not filled.exists():
            url = database_for("many")
            make_many(url)
            filled.write_text(url)
        return filled.read_text()


def make_many(url: str) -> None:
    with psycopg.connect(driverless(url), autocommit=True) as db:
        indexes = db.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'listings' AND indexname <> 'pk_listings'"
        ).fetchall()
        # An index is built many times faster than it is filled row by row.
        for name, _ in indexes:
            db.execute(SQL("DROP INDEX {}").format(Identifier(name)))
        for statement in _STATEMENTS:
            db.execute(statement.replace("%(many)s", str(MANY)))
        for _, definition in indexes:
            db.execute(definition)
        db.execute("VACUUM (ANALYZE) products, listings")
        db.execute("ANALYZE")
