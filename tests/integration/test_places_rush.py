"""Many at once at three places: threads, connections and locks."""

from contextlib import suppress
from uuid import UUID

import pytest

from nexus.domain.inventory import InsufficientStock, StockCommitted
from tests.contracts.inventory import NOON, reserve
from tests.contracts.locations import activate, carry, opened, put, shelf
from tests.integration.shop import Shop
from tests.integration.test_stock_rush import at_once, reservations

PLACES = {"main": 4, "bole": 3, "arada": 3}


@pytest.fixture
def arada(shop: Shop) -> UUID:
    opened(shop.container.work, "bole", priority=-1)
    return opened(shop.container.work, "arada", priority=1)


def placed(shop: Shop, variant_id: UUID) -> dict[str, tuple[int, int]]:
    """Return on hand and reserved at each place, having checked that nothing contradicts them."""
    books = shop.container.books()
    assert [it for it in books.names[:5] if books.wrong(it)] == []
    rows = shop.all(
        "SELECT code, on_hand, reserved FROM stock_levels"
        " JOIN locations ON locations.id = location_id WHERE variant_id = :v",
        v=variant_id,
    )
    return {code: (on_hand, reserved) for code, on_hand, reserved in rows}


@pytest.mark.usefixtures("arada")
class TestRush:
    def test_forty_buyers_of_the_last_ten(self, shop: Shop) -> None:
        mug = shelf(shop.container.work, PLACES)

        answers = at_once(40, lambda _: reserve(shop.container.work, {mug: 1}))

        assert answers.count(InsufficientStock) == 30
        assert shop.level(mug) == (10, 10)
        assert placed(shop, mug) == {code: (count, count) for code, count in PLACES.items()}
        assert reservations(shop, mug) == 10

    def test_everybody_who_can_be_served_is_while_stock_is_carried_about(self, shop: Shop) -> None:
        mug = shelf(shop.container.work, {"main": 20})

        def live(number: int) -> None:
            if number % 3:
                reserve(shop.container.work, {mug: 1})
                return
            target = ("bole", "arada")[number % 2]
            with suppress(StockCommitted):
                carry(shop.container.work, mug, 1, "main", target)

        answers = at_once(30, live)

        assert answers.count(InsufficientStock) == 0
        assert shop.level(mug) == (20, 20)
        assert sum(on_hand for on_hand, _ in placed(shop, mug).values()) == 20

    def test_places_settle_at_once_what_they_gave(self, shop: Shop) -> None:
        mug, cup = (shelf(shop.container.work, PLACES) for _ in range(2))

        def live(number: int) -> None:
            order_id = reserve(shop.container.work, {mug: 2, cup: 1 + number % 4})
            with shop.container.work() as work:
                if number % 2:
                    work.stock.commit(order_id, at=NOON)
                else:
                    work.stock.release(order_id, at=NOON, reason="expired")

        at_once(24, live)

        for variant_id in (mug, cup):
            assert shop.level(variant_id)[1] == 0
            assert all(on_hand >= 0 for on_hand, _ in placed(shop, variant_id).values())

    def test_none_is_promised_where_a_place_is_being_closed(self, shop: Shop, arada: UUID) -> None:
        mug = shelf(shop.container.work, {"arada": 40})

        def live(number: int) -> None:
            if number % 5:
                reserve(shop.container.work, {mug: 1})
                return
            with suppress(StockCommitted):
                activate(shop.container.work, arada, False)
            put(shop.container.work, mug, 1, "arada")

        at_once(20, live)

        on_hand, reserved = placed(shop, mug)["arada"]
        is_open = shop.one("SELECT is_active FROM locations WHERE code = 'arada'")[0]
        assert shop.level(mug) == ((on_hand, reserved) if is_open else (0, 0))

    def test_costs_one_statement_whatever_the_number_of_places(self, shop: Shop) -> None:
        many = [shelf(shop.container.work, PLACES) for _ in range(5)]

        with shop.container.work() as work, shop.statements() as sent:
            order_id = UUID(int=1)
            work.stock.reserve(order_id, dict.fromkeys(many, 9), until=NOON, at=NOON)
            work.stock.commit(order_id, at=NOON)

        assert len(sent) == 2
