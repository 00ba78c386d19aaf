from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from nexus.adapters.memory.store import MemoryStore
from nexus.domain.inventory import (
    MOST_UNITS,
    StockCommitted,
    StockItem,
    StockRanLow,
)
from nexus.domain.ledger import AdjustmentReason
from nexus.domain.locations import MAIN, Location
from nexus.domain.shared import Conflict, ValidationFailed, new_id
from tests.contracts.inventory import UNTIL, put_on_shelf
from tests.contracts.stock_life import Entry, StockLife

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ORDER = new_id()
OFTEN = settings(max_examples=25, stateful_step_count=30, deadline=None)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "commit", "release", "adjust"]),
        st.integers(0, 4),
        st.integers(-5, 9).filter(bool),
    ),
    max_size=25,
)


def item(on_hand: int, *, threshold: int = 2) -> StockItem:
    return StockItem.opened(new_id(), "MUG", threshold=threshold, on_hand=on_hand, at=NOON)


def adjust(stock: StockItem, delta: int) -> None:
    why = AdjustmentReason.CORRECTION
    stock.adjust(delta, why, place=Location.main(), note="", by=None, at=NOON)


class TestStockItem:
    def test_opens_with_a_movement_of_what_was_received(self) -> None:
        (movement,) = item(10).movements

        assert (movement.on_hand_delta, movement.reason, movement.on_hand_after) == (
            10,
            "received",
            10,
        )

    def test_opens_empty_without_a_movement(self) -> None:
        assert item(0).movements == []

    def test_keeps_what_is_promised(self) -> None:
        mug = item(3)
        mug.reserve({MAIN: 2}, order_id=ORDER, at=NOON)

        with pytest.raises(StockCommitted) as refusal:
            adjust(mug, -2)

        assert refusal.value.members() == {"on_hand": 3, "reserved": 2}

    @pytest.mark.parametrize("delta", [0, MOST_UNITS])
    def test_refuses_adjustments_that_mean_nothing(self, delta: int) -> None:
        with pytest.raises(ValidationFailed):
            adjust(item(1), delta)

    def test_tells_once_that_it_ran_low_and_again_after_it_was_filled(self) -> None:
        mug = item(5, threshold=3)

        for delta in (-1, -1, -1, 9, -8):
            adjust(mug, delta)

        assert [it.available for it in mug.events if isinstance(it, StockRanLow)] == [3, 3]

    def test_says_nothing_of_opening_low(self) -> None:
        mug = item(1, threshold=3)
        adjust(mug, -1)

        assert mug.events == []


class TestLedger:
    @given(steps=STEPS, opening=st.integers(0, 12))
    def test_agrees_with_plain_arithmetic_whatever_happens(
        self, steps: list[tuple[str, int, int]], opening: int
    ) -> None:
        store = MemoryStore()
        (mug,) = put_on_shelf(store, opening)
        orders = [new_id() for _ in range(5)]
        on_hand, held = opening, dict.fromkeys(orders, 0)

        for act, which, quantity in steps:
            order_id, size = orders[which], abs(quantity)
            try:
                with store() as work:
                    if act == "reserve":
                        work.stock.reserve(order_id, {mug: size}, until=UNTIL, at=NOON)
                    elif act == "commit":
                        work.stock.commit(order_id, at=NOON)
                    elif act == "release":
                        work.stock.release(order_id, at=NOON, reason="expired")
                    else:
                        found = work.stock.lock(mug)
                        adjust(found, quantity)
                        work.stock.save(found)
            except Conflict:
                continue
            if act == "reserve":
                held[order_id] = size
            elif act == "adjust":
                on_hand += quantity
            else:
                on_hand -= held[order_id] if act == "commit" else 0
                held[order_id] = 0

        with store() as work:
            found = work.stock.lock(mug)
        assert (found.on_hand, found.reserved) == (on_hand, sum(held.values()))
        assert 0 <= found.reserved <= found.on_hand


class LifeInMemory(StockLife):
    def __init__(self) -> None:
        store = MemoryStore()
        super().__init__(store, lambda variant_id: entries_of(store, variant_id))


def entries_of(store: MemoryStore, variant_id: UUID) -> list[Entry]:
    kept = store._kept.table("stock_movements").get(variant_id)
    return [
        (it.location_id, it.on_hand_delta, it.reserved_delta, it.total_delta)
        for it in (kept.movements if kept else ())
    ]


class TestPlaces:
    def test_add_up_whatever_happens(self) -> None:
        run_state_machine_as_test(LifeInMemory, settings=OFTEN)
