"""Sales that begin while several schedulers look, and staff write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from nexus.application.catalog.prices import TurnPrices
from tests.integration.catalogue import make
from tests.integration.shop import Shop

DAY = timedelta(days=1)
MANY = 40


def tomorrow() -> datetime:
    return datetime.now(UTC) + DAY


def test_each_turns_once_however_many_look(shop: Shop) -> None:
    staff = shop.staff("catalog.write")
    for number in range(MANY):
        sale = {"sale_price": "80.00", "sale_starts_at": tomorrow().isoformat()}
        make(staff, f"Mug {number}", **sale)
    later = tomorrow() + DAY
    turn = TurnPrices(shop.container.work, lambda: later)

    with ThreadPoolExecutor(8) as threads:
        turned = list(threads.map(lambda _: turn(), range(8)))

    assert sum(turned) + turn() == MANY
    told = shop.one("SELECT count(*) FROM outbox WHERE name = 'product.updated'")[0]
    asked = shop.one("SELECT count(*) FROM products WHERE price_minor = 8000 AND version = 1")[0]
    assert (told, asked) == (MANY, MANY)


def test_what_staff_say_meanwhile_is_not_lost(shop: Shop) -> None:
    staff = shop.staff("catalog.write")
    make(staff, sale_price="80.00", sale_starts_at=tomorrow().isoformat())
    change = shop.container.change_product()
    turn = TurnPrices(shop.container.work, lambda: tomorrow() + DAY)

    def say(number: int) -> None:
        facts = {"brand": str(number)}
        change(product="mug", changes=facts, categories=None, expected=None)

    with ThreadPoolExecutor(8) as threads:
        said = threads.map(say, range(6))
        for turned in [threads.submit(turn) for _ in range(2)]:
            turned.result()
        list(said)
    turn()

    row = shop.one("SELECT price_minor, regular_minor, version FROM products")
    assert (row.price_minor, row.regular_minor) == (80_00, 100_00)
    assert row.version >= 7
