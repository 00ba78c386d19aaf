"""Stock that was there before it could lie at several places, and after it could again not."""

from typing import Any

import psycopg

from nexus.adapters.sql.migrations import downgrade, upgrade
from tests.servers import driverless

BEFORE = """
INSERT INTO products (id, name, slug, price_minor, currency, status, created_at, updated_at)
    VALUES (gen_random_uuid(), 'Mug', 'mug', 100, 'ETB', 'active', now(), now());
INSERT INTO variants (id, product_id, sku) SELECT gen_random_uuid(), id, 'MUG' FROM products;
INSERT INTO stock_items (variant_id, on_hand, reserved, threshold, low)
    SELECT id, 10, 4, 2, false FROM variants;
INSERT INTO stock_movements (id, variant_id, on_hand_delta, reserved_delta, reason, created_at,
                             on_hand_after, reserved_after)
    SELECT gen_random_uuid(), id, 10, 0, 'received', now(), 10, 0 FROM variants
    UNION ALL SELECT gen_random_uuid(), id, 0, 4, 'reserved', now(), 10, 4 FROM variants;
INSERT INTO reservations (order_id, variant_id, quantity, state, expires_at)
    SELECT gen_random_uuid(), id, 4, 'active', now() FROM variants;
"""
# Three of ten are carried to a place where two of an order's four are promised.
AFTER = """
INSERT INTO locations VALUES (gen_random_uuid(), 'bole', 'Bole', 1, true, '');
INSERT INTO stock_levels SELECT v.id, p.id, 3, 2, true FROM variants v, locations p
    WHERE code = 'bole';
UPDATE stock_levels SET on_hand = 7, reserved = 2 WHERE on_hand = 10;
INSERT INTO stock_movements (id, variant_id, location_id, on_hand_delta, reserved_delta,
                             total_delta, reason, created_at, on_hand_after, reserved_after)
    SELECT gen_random_uuid(), v.id, p.id, CASE code WHEN 'bole' THEN 3 ELSE -3 END, 0, 0,
        'transfer', now(), 10, 0 FROM variants v, locations p;
UPDATE reservations SET quantity = 2;
INSERT INTO reservations SELECT order_id, variant_id, 2, 'active', now(), p.id
    FROM reservations, locations p WHERE code = 'bole';
"""


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(driverless(url)) as db:
        return db.execute(query).fetchall()


def run(url: str, script: str) -> None:
    with psycopg.connect(driverless(url)) as db:
        db.execute(script)


def test_what_there_was_lies_at_main(empty_database: str) -> None:
    upgrade(empty_database, "0011")
    run(empty_database, BEFORE)

    upgrade(empty_database, "0012")

    lies = "SELECT code, on_hand, reserved FROM stock_levels JOIN locations ON id = location_id"
    assert rows(empty_database, lies) == [("main", 10, 4)]
    sums = "SELECT sum(on_hand_delta), sum(reserved_delta), sum(total_delta) FROM stock_movements"
    assert rows(empty_database, sums) == [(10, 4, 10)]
    held = "SELECT code, quantity FROM reservations JOIN locations ON id = location_id"
    assert rows(empty_database, held) == [("main", 4)]


def test_what_lay_at_several_places_lies_together_again(empty_database: str) -> None:
    upgrade(empty_database, "0011")
    run(empty_database, BEFORE)
    upgrade(empty_database, "0012")
    run(empty_database, AFTER)

    downgrade(empty_database, "0011")

    sums = "SELECT sum(on_hand_delta), sum(reserved_delta), count(*) FROM stock_movements"
    assert rows(empty_database, sums) == [(10, 4, 2)]
    held = "SELECT quantity, state FROM reservations"
    assert rows(empty_database, held) == [(4, "active")]
