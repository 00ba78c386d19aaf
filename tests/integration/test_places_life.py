from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from nexus.adapters.memory.store import MemoryStore
from nexus.application.ports.work import StartWork
from nexus.domain.inventory import InsufficientStock
from nexus.domain.shared import AlreadyExists
from tests.contracts.inventory import reserve
from tests.contracts.locations import lies, opened, shelf
from tests.contracts.stock_life import Entry, StockLife
from tests.integration.shop import Shop

CODES = ("main", "first", "second")
FEW = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SHELVES = st.lists(
    st.fixed_dictionaries({code: st.integers(0, 4) for code in CODES}), min_size=1, max_size=3
)


def test_whatever_happens_adds_up(shop: Shop) -> None:
    query = (
        "SELECT location_id, on_hand_delta, reserved_delta, total_delta FROM stock_movements"
        " WHERE variant_id = :v"
    )

    def ledger(variant_id: UUID) -> list[Entry]:
        return [tuple(row) for row in shop.all(query, v=variant_id)]

    class Life(StockLife):
        def __init__(self) -> None:
            super().__init__(shop.container.work, ledger)

    run_state_machine_as_test(Life, settings=FEW)
    books = shop.container.books()
    assert [it for it in books.names[:5] if books.wrong(it)] == []


def served(
    store: StartWork, shelves: list[Mapping[str, int]], quantities: list[int]
) -> list[list[tuple[int, int]]] | None:
    """Return what lies where after an order of all of it, or None if it was refused."""
    ids = [shelf(store, it) for it in shelves]
    try:
        reserve(store, dict(zip(ids, quantities, strict=False)))
    except InsufficientStock:
        return None
    return [[it for it in lies(store, id_) if it != (0, 0)] for id_ in ids]


@FEW
@given(shelves=SHELVES, quantities=st.lists(st.integers(1, 6), min_size=3, max_size=3))
def test_an_order_draws_from_the_same_places_as_in_memory(
    shop: Shop, shelves: list[Mapping[str, int]], quantities: list[int]
) -> None:
    memory, kept = MemoryStore(), shop.container.work
    for store in (memory, kept):
        for code, priority in (("first", -1), ("second", 1)):
            with suppress(AlreadyExists):
                opened(store, code, priority=priority)

    assert served(kept, shelves, quantities) == served(memory, shelves, quantities)
