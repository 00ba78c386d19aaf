"""What every stock promises, in memory and in SQL."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nexus.application.ports.work import StartWork
from nexus.domain.catalog import Product, ProductFacts, Variant
from nexus.domain.inventory import (
    InsufficientStock,
    StockCommitted,
    StockItem,
    StockNotFound,
)
from nexus.domain.ledger import AdjustmentReason, AlreadyReserved, ReservationNotActive
from nexus.domain.locations import Location
from nexus.domain.shared import Money, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNTIL = NOON + timedelta(minutes=30)


def put_on_shelf(store: StartWork, *counts: int, threshold: int = 2) -> list[UUID]:
    """Return a variant for each count, all of one product."""
    name = new_id().hex
    product = Product.create(ProductFacts(name=name, slug=name, price=Money(1)), (), at=NOON)
    made = [
        Variant(new_id(), product.id, f"{name}-{at}", options={"no": str(at)}, updated_at=NOON)
        for at in range(len(counts))
    ]
    with store() as work:
        work.products.add(product, made)
        work.stock.add(
            [
                StockItem.opened(it.id, it.sku, threshold=threshold, on_hand=count, at=NOON)
                for it, count in zip(made, counts, strict=True)
            ]
        )
    return [it.id for it in made]


def level(store: StartWork, variant_id: UUID) -> tuple[int, int]:
    with store() as work:
        item = work.stock.lock(variant_id)
        return item.on_hand, item.reserved


def reserve(store: StartWork, quantities: Mapping[UUID, int]) -> UUID:
    order_id = new_id()
    with store() as work:
        work.stock.reserve(order_id, quantities, until=UNTIL, at=NOON)
    return order_id


Told = Callable[[], list[tuple[str, int]]]


class StockContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    @pytest.fixture
    def told(self) -> Told:
        """Return the name of each event of stock, and how much it says is available."""
        raise NotImplementedError

    def test_opens_with_what_was_received(self, store: StartWork) -> None:
        full, empty = put_on_shelf(store, 10, 0)

        assert (level(store, full), level(store, empty)) == ((10, 0), (0, 0))

    def test_holds_for_an_order(self, store: StartWork) -> None:
        mug, cup = put_on_shelf(store, 10, 5)

        reserve(store, {mug: 3, cup: 5})

        assert (level(store, mug), level(store, cup)) == ((10, 3), (5, 5))

    def test_holds_all_or_nothing_and_says_what_is_short(self, store: StartWork) -> None:
        mug, cup, pan = put_on_shelf(store, 10, 1, 0)

        with pytest.raises(InsufficientStock) as refusal:
            reserve(store, {mug: 3, cup: 2, pan: 1})

        short = {it["variant_id"]: (it["requested"], it["available"]) for it in refusal.value.items}
        assert short == {cup: (2, 1), pan: (1, 0)}
        assert level(store, mug) == (10, 0)

    def test_names_what_is_left_when_one_thing_is_short(self, store: StartWork) -> None:
        (mug,) = put_on_shelf(store, 3)

        with pytest.raises(InsufficientStock) as refusal:
            reserve(store, {mug: 4})

        assert refusal.value.members()["available"] == 3

    def test_has_nothing_of_what_it_does_not_know(self, store: StartWork) -> None:
        with pytest.raises(InsufficientStock):
            reserve(store, {new_id(): 1})
        with pytest.raises(StockNotFound), store() as work:
            work.stock.lock(new_id())

    def test_sells_what_it_held(self, store: StartWork) -> None:
        mug, cup = put_on_shelf(store, 10, 5)
        order_id = reserve(store, {mug: 3, cup: 1})

        with store() as work:
            work.stock.commit(order_id, at=NOON)

        assert (level(store, mug), level(store, cup)) == ((7, 0), (4, 0))

    def test_gives_back_what_it_held(self, store: StartWork) -> None:
        (mug,) = put_on_shelf(store, 10)
        order_id = reserve(store, {mug: 3})

        with store() as work:
            work.stock.release(order_id, at=NOON, reason="expired")

        assert level(store, mug) == (10, 0)

    def test_settles_an_order_once(self, store: StartWork) -> None:
        (mug,) = put_on_shelf(store, 10)
        order_id = reserve(store, {mug: 3})
        with store() as work:
            work.stock.commit(order_id, at=NOON)

        with pytest.raises(ReservationNotActive), store() as work:
            work.stock.release(order_id, at=NOON, reason="cancelled")
        with pytest.raises(ReservationNotActive), store() as work:
            work.stock.commit(order_id, at=NOON)

        assert level(store, mug) == (7, 0)

    def test_holds_again_only_what_was_given_back(self, store: StartWork) -> None:
        (mug,) = put_on_shelf(store, 10)
        order_id = reserve(store, {mug: 3})

        with pytest.raises(AlreadyReserved), store() as work:
            work.stock.reserve(order_id, {mug: 3}, until=UNTIL, at=NOON)
        with store() as work:
            work.stock.release(order_id, at=NOON, reason="expired")
            work.stock.reserve(order_id, {mug: 4}, until=UNTIL, at=NOON)

        assert level(store, mug) == (10, 4)

    def test_counts_many_at_once(self, store: StartWork) -> None:
        one, other, empty = put_on_shelf(store, 3, 5, 0)

        with store() as work:
            items = work.stock.lock_all([other, empty, one, new_id()])
            for item in items:
                item.count(item.on_hand + 1, by=None, at=NOON)
            work.stock.save_all(items)

        assert [level(store, it) for it in (one, other, empty)] == [(4, 0), (6, 0), (1, 0)]

    def test_counts_in_and_out_but_never_below_what_is_promised(self, store: StartWork) -> None:
        (mug,) = put_on_shelf(store, 10)
        reserve(store, {mug: 4})

        self.adjust(store, mug, -6)
        with pytest.raises(StockCommitted):
            self.adjust(store, mug, -1)

        assert level(store, mug) == (4, 4)

    @pytest.mark.parametrize("reason", ["expired", "cancelled"])
    def test_tells_that_something_came_back(
        self, store: StartWork, told: Told, reason: str
    ) -> None:
        (mug,) = put_on_shelf(store, 3, threshold=0)
        order_id = reserve(store, {mug: 2})
        other_id = reserve(store, {mug: 1})

        for it in (order_id, other_id):
            with store() as work:
                work.stock.release(it, at=NOON, reason=reason)

        assert told() == [("stock.low", 0), ("stock.back", 2)]

    def test_tells_that_something_came_in(self, store: StartWork, told: Told) -> None:
        (mug,) = put_on_shelf(store, 0, threshold=1)

        for delta in (4, -4, 5, 1):
            self.adjust(store, mug, delta)

        assert told() == [("stock.back", 4), ("stock.low", 0), ("stock.back", 5)]

    def test_tells_nothing_of_what_is_sold(self, store: StartWork, told: Told) -> None:
        (mug,) = put_on_shelf(store, 2, threshold=0)
        order_id = reserve(store, {mug: 2})

        with store() as work:
            work.stock.commit(order_id, at=NOON)

        assert told() == [("stock.low", 0)]

    def adjust(self, store: StartWork, variant_id: UUID, delta: int) -> None:
        with store() as work:
            item = work.stock.lock(variant_id)
            why = AdjustmentReason.CORRECTION
            item.adjust(delta, why, place=Location.main(), note="", by=None, at=NOON)
            work.stock.save(item)
