"""Whatever happens to the stock of a variant at three places, it adds up."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nexus.application.ports.work import StartWork
from nexus.domain.inventory import StockItem
from nexus.domain.shared import Conflict, new_id
from tests.contracts.inventory import NOON, UNTIL, put_on_shelf
from tests.contracts.locations import activate, carry, opened, put

PLACES = st.integers(0, 2)
COUNTS = st.integers(1, 6)
# A row of the ledger: the place, and what changed there and in the totals.
Entry = tuple[UUID, int, int, int]


class StockLife(RuleBasedStateMachine):
    def __init__(self, store: StartWork, ledger: Callable[[UUID], Iterable[Entry]]) -> None:
        super().__init__()
        self.store, self.ledger = store, ledger
        (self.variant_id,) = put_on_shelf(store, 5)
        mark = new_id().hex[-8:]
        self.codes = ["main", f"{mark}-a", f"{mark}-b"]
        self.opened = [opened(store, code, priority=-1) for code in self.codes[1:]]
        self.orders = [new_id() for _ in range(4)]

    @rule(place=PLACES, count=COUNTS)
    def receive(self, place: int, count: int) -> None:
        put(self.store, self.variant_id, count, self.codes[place])

    @rule(place=PLACES, count=COUNTS)
    def lose(self, place: int, count: int) -> None:
        with suppress(Conflict):
            put(self.store, self.variant_id, -count, self.codes[place])

    @rule(source=PLACES, step=st.integers(1, 2), count=COUNTS)
    def carry(self, source: int, step: int, count: int) -> None:
        target = self.codes[(source + step) % 3]
        with suppress(Conflict):
            carry(self.store, self.variant_id, count, self.codes[source], target)

    @rule(place=st.integers(0, 1), is_active=st.booleans())
    def activate(self, place: int, is_active: bool) -> None:
        with suppress(Conflict):
            activate(self.store, self.opened[place], is_active)

    @rule(order=st.integers(0, 3), count=COUNTS)
    def reserve(self, order: int, count: int) -> None:
        wanted = {self.variant_id: count}
        with suppress(Conflict), self.store() as work:
            work.stock.reserve(self.orders[order], wanted, until=UNTIL, at=NOON)

    @rule(order=st.integers(0, 3), is_sold=st.booleans())
    def settle(self, order: int, is_sold: bool) -> None:
        with suppress(Conflict), self.store() as work:
            if is_sold:
                work.stock.commit(self.orders[order], at=NOON)
            else:
                work.stock.release(self.orders[order], at=NOON, reason="cancelled")

    @rule(on_hand=st.integers(0, 12))
    def count(self, on_hand: int) -> None:
        with suppress(Conflict), self.store() as work:
            item = work.stock.lock(self.variant_id)
            item.count(on_hand, by=None, at=NOON)
            work.stock.save(item)

    @invariant()
    def adds_up(self) -> None:
        with self.store() as work:
            item = work.stock.lock(self.variant_id)
        levels = item.levels.values()
        assert item.on_hand == sum(it.offered for it in levels)
        assert item.reserved == sum(it.reserved for it in levels)
        assert all(0 <= it.reserved <= it.on_hand for it in levels)
        assert all(it.is_offered or not it.reserved for it in levels)
        assert item.low is (item.available <= item.threshold)
        self.replays_to(item)

    def replays_to(self, item: StockItem) -> None:
        entries = list(self.ledger(self.variant_id))
        replayed: dict[UUID, list[int]] = {}
        for place_id, on_hand, reserved, _ in entries:
            there = replayed.setdefault(place_id, [0, 0])
            there[0] += on_hand
            there[1] += reserved
        kept: dict[UUID, Any] = {id_: [it.on_hand, it.reserved] for id_, it in item.levels.items()}
        assert {id_: it for id_, it in kept.items() if id_ in replayed or any(it)} == replayed
        assert item.on_hand == sum(total for *_, total in entries)
