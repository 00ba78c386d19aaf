"""What `nexus audit` sees, and what it does not take for wrong."""

from contextlib import suppress

import pytest
from click.testing import CliRunner

from nexus.adapters.sql.bulk_load import LoadProducts
from nexus.application.ports.gateways import QueueUnavailable
from nexus.entrypoints.cli import main
from tests.integration.shop import Shop

FAULTS = {
    "Every stock level is the sum of its": "UPDATE stock_movements SET total_delta = 11"
    " WHERE total_delta <> 0",
    "lies at each place": "UPDATE stock_movements SET on_hand_delta = 11 WHERE on_hand_delta <> 0",
    "active places hold": "UPDATE stock_levels SET on_hand = 11;"
    "UPDATE stock_movements SET on_hand_delta = 11 WHERE on_hand_delta <> 0",
    "while it is active": "WITH it AS (INSERT INTO locations (id, code, name, priority, is_active,"
    " address) VALUES (gen_random_uuid(), 'bole', 'Bole', 0, false, '') RETURNING id)"
    " INSERT INTO stock_levels SELECT variant_id, id, 0, 0, true FROM stock_items, it",
    "what orders hold": "UPDATE reservations SET quantity = quantity + 1",
    "listing says": "UPDATE listings SET price_minor = price_minor + 1",
    "category's count": "UPDATE listing_counts SET products = products + 1",
    "begins and ends in time": "UPDATE products SET price_turns_at = now() - interval '1 hour'",
    "beyond its time": "UPDATE reservations SET expires_at = now() - interval '1 hour'",
    "sum of its lines": "UPDATE orders SET total_minor = total_minor + 1",
    "paid order": "UPDATE orders SET payment_status = 'paid'",
    "what its reviews come to": "UPDATE products SET rating_count = rating_count + 1",
    "those it helped": "UPDATE reviews SET helpful_count = helpful_count + 1",
    "coupon's count": "UPDATE coupons SET used_count = used_count + 1",
    "its timeline": "DELETE FROM order_timeline",
    "handed on": "UPDATE outbox SET occurred_at = now() - interval '1 hour'",
}


@pytest.fixture
def traded(shop: Shop) -> Shop:
    """A shop that has sold something, heard what it is like, and handed on what happened."""
    customer = shop.customer()
    shop.coupon()
    customer.put_in(shop.sell(), 2)
    customer.check_out({"coupon_code": "TEN"})
    mug = str(shop.one("SELECT product_id FROM variants").product_id)
    customer.post("/reviews", {"product_id": mug, "rating": 5})
    return shop


def wrong(shop: Shop) -> list[str]:
    books = shop.container.books()
    return [book for book in books.names if books.wrong(book)]


def test_agree_after_a_purchase(traded: Shop) -> None:
    assert wrong(traded) == []


def test_agree_after_a_load(shop: Shop) -> None:
    LoadProducts(shop.engine, "ETB", lambda _: None)(count=20, progress=lambda _: None)

    assert wrong(shop) == []
    assert shop.one("SELECT count(*), sum(on_hand) FROM stock_levels") == (20, 2000)


@pytest.mark.parametrize("book", FAULTS)
def test_tell_of_a_fault(traded: Shop, book: str) -> None:
    with traded.engine.begin() as db:
        db.exec_driver_sql(FAULTS[book])

    (found,) = wrong(traded)

    assert book in found


def test_tell_of_what_nobody_could_do(traded: Shop) -> None:
    with suppress(QueueUnavailable):
        traded.container.relay_events()()
    with traded.engine.begin() as db:
        db.exec_driver_sql("UPDATE reactions SET status = 'dead'")

    (found,) = wrong(traded)

    assert "late or dead" in found


def test_are_read_by_a_command(database_url: str, traded: Shop) -> None:
    environ = {"NEXUS_ENV": "test", "DATABASE_URL": database_url}

    well = CliRunner().invoke(main, ["audit"], env=environ)
    with traded.engine.begin() as db:
        db.exec_driver_sql(FAULTS["lies at each place"])
    ill = CliRunner().invoke(main, ["audit"], env=environ)

    assert (well.exit_code, ill.exit_code) == (0, 1)
    assert "What lies at each place" in ill.output
