"""What every stock promises of the places where it lies, in memory and in SQL."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from nexus.application.inventory import AdjustStock, TransferStock
from nexus.application.locations import ChangeLocation, CreateLocation, RemoveLocation
from nexus.application.ports.work import StartWork
from nexus.domain.inventory import InsufficientStock, StockCommitted
from nexus.domain.ledger import AdjustmentReason
from nexus.domain.locations import MAIN, LocationNotEmpty, LocationNotFound, MainLocationStays
from nexus.domain.shared import AlreadyExists, ValidationFailed
from tests.contracts.inventory import NOON, UNTIL, level, put_on_shelf, reserve


def opened(store: StartWork, code: str, *, priority: int = 0) -> UUID:
    return CreateLocation(store)(facts={"code": code, "name": code, "priority": priority})


def put(store: StartWork, variant_id: UUID, count: int, code: str) -> None:
    AdjustStock(store, lambda: NOON)(
        variant_id=variant_id,
        delta=count,
        reason=AdjustmentReason.RECEIVED,
        note="",
        actor_id=None,
        location=code,
    )


def carry(store: StartWork, variant_id: UUID, count: int, source: str, target: str) -> None:
    TransferStock(store, lambda: NOON)(
        variant_id=variant_id,
        source=source,
        target=target,
        quantity=count,
        note="",
        actor_id=None,
    )


def activate(store: StartWork, location_id: UUID, is_active: bool) -> None:
    change = ChangeLocation(store, lambda: NOON)
    change(location_id=location_id, facts={"is_active": is_active}, expected=None)


def shelf(store: StartWork, counts: Mapping[str, int]) -> UUID:
    """Return a variant of which so many lie at each place, which is there already."""
    (variant_id,) = put_on_shelf(store, counts.get("main", 0))
    for code, count in counts.items():
        if count and code != "main":
            put(store, variant_id, count, code)
    return variant_id


def lies(store: StartWork, variant_id: UUID) -> list[tuple[int, int]]:
    """Return what is on hand and reserved at each place, in the order in which they serve."""
    with store() as work:
        item = work.stock.lock(variant_id)
        return [(it.on_hand, it.reserved) for it in item.levels.values()]


class LocationsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_are_found_by_id_and_by_code(self, store: StartWork) -> None:
        bole = opened(store, "bole", priority=3)

        with store() as work:
            found = work.locations.lock("bole")
            assert (found.id, found.priority, found.is_active) == (bole, 3, True)
            assert work.locations.lock_as_it_is(str(bole)) == found
            assert work.locations.lock("main").id == MAIN

    def test_refuse_what_is_not_there(self, store: StartWork) -> None:
        with store() as work, pytest.raises(LocationNotFound):
            work.locations.lock("bole")

    def test_have_codes_of_their_own(self, store: StartWork) -> None:
        opened(store, "bole")

        with pytest.raises(AlreadyExists, match="code"):
            opened(store, "bole")

    def test_leave_their_code_to_others_when_removed(self, store: StartWork) -> None:
        bole, remove = opened(store, "bole"), RemoveLocation(store, lambda: NOON)
        mug = shelf(store, {"bole": 1})

        with pytest.raises(LocationNotEmpty):
            remove(location_id=bole, expected=None)
        carry(store, mug, 1, "bole", "main")
        remove(location_id=bole, expected=None)

        with store() as work, pytest.raises(LocationNotFound):
            work.locations.lock(str(bole))
        assert opened(store, "bole") != bole

    def test_always_have_main(self, store: StartWork) -> None:
        with pytest.raises(MainLocationStays):
            RemoveLocation(store, lambda: NOON)(location_id=MAIN, expected=None)
        with pytest.raises(MainLocationStays):
            activate(store, MAIN, False)


class PlacesContract:
    """There are `first` and `second` to serve before main, which has opening stock."""

    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    @pytest.fixture
    def first(self, store: StartWork) -> UUID:
        return opened(store, "first", priority=-2)

    @pytest.fixture
    def second(self, store: StartWork, first: UUID) -> UUID:
        return opened(store, "second", priority=-1)

    @pytest.fixture(autouse=True)
    def places(self, first: UUID, second: UUID) -> None: ...

    def test_the_first_serves_before_the_others(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 5, "second": 5, "main": 5})

        reserve(store, {mug: 3})

        assert lies(store, mug) == [(5, 3), (5, 0), (5, 0)]

    def test_one_that_has_everything_serves_the_whole_order(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 5, "second": 1, "main": 5})
        cup = shelf(store, {"first": 1, "second": 5, "main": 5})

        reserve(store, {mug: 2, cup: 2})

        assert lies(store, mug) == [(5, 0), (1, 0), (5, 2)]
        assert lies(store, cup) == [(1, 0), (5, 0), (5, 2)]

    def test_otherwise_one_that_has_all_of_a_line_serves_it(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 1, "second": 5, "main": 0})
        cup = shelf(store, {"first": 5, "second": 0, "main": 1})

        reserve(store, {mug: 2, cup: 2})

        assert lies(store, mug) == [(1, 0), (5, 2)]
        assert lies(store, cup) == [(5, 2), (1, 0)]

    def test_otherwise_each_gives_what_it_has(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 2, "second": 3, "main": 4})

        reserve(store, {mug: 7})

        assert lies(store, mug) == [(2, 2), (3, 3), (4, 2)]
        with pytest.raises(InsufficientStock):
            reserve(store, {mug: 3})

    @pytest.mark.parametrize("outcome", ["sold", "given back"])
    def test_each_settles_what_it_gave(self, store: StartWork, outcome: str) -> None:
        mug = shelf(store, {"first": 2, "second": 3})
        order_id = reserve(store, {mug: 4})

        with store() as work:
            if outcome == "sold":
                work.stock.commit(order_id, at=NOON)
            else:
                work.stock.release(order_id, at=NOON, reason="cancelled")

        left = [(0, 0), (1, 0)] if outcome == "sold" else [(2, 0), (3, 0)]
        assert lies(store, mug) == left

    def test_an_order_may_draw_from_another_the_second_time(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 2, "second": 3})
        order_id = reserve(store, {mug: 2})
        with store() as work:
            work.stock.release(order_id, at=NOON, reason="expired")
        carry(store, mug, 1, "first", "second")

        with store() as work:
            work.stock.reserve(order_id, {mug: 2}, until=UNTIL, at=NOON)
            work.stock.commit(order_id, at=NOON)

        assert lies(store, mug) == [(1, 0), (2, 0)]

    def test_an_inactive_one_serves_nobody(self, store: StartWork, first: UUID) -> None:
        mug = shelf(store, {"first": 5, "second": 2})

        activate(store, first, False)

        assert level(store, mug) == (2, 0)
        with pytest.raises(InsufficientStock):
            reserve(store, {mug: 3})
        reserve(store, {mug: 2})
        assert lies(store, mug) == [(5, 0), (2, 2)]

    def test_one_where_something_is_promised_stays_active(
        self, store: StartWork, first: UUID
    ) -> None:
        mug = shelf(store, {"first": 5})
        reserve(store, {mug: 1})

        with pytest.raises(StockCommitted):
            activate(store, first, False)

        assert level(store, mug) == (5, 1)

    def test_an_inactive_one_may_be_filled_emptied_and_opened(
        self, store: StartWork, first: UUID
    ) -> None:
        mug = shelf(store, {"first": 5})
        activate(store, first, False)

        put(store, mug, 3, "first")
        carry(store, mug, 2, "first", "second")
        closed = level(store, mug)
        activate(store, first, True)

        assert (closed, level(store, mug)) == ((2, 0), (8, 0))
        assert lies(store, mug) == [(6, 0), (2, 0)]

    def test_what_is_promised_is_not_carried_away(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 5})
        reserve(store, {mug: 3})

        with pytest.raises(StockCommitted) as refusal:
            carry(store, mug, 3, "first", "second")
        carry(store, mug, 2, "first", "second")

        assert refusal.value.members() == {"on_hand": 5, "reserved": 3}
        assert lies(store, mug) == [(3, 3), (2, 0)]
        assert level(store, mug) == (5, 3)

    def test_nothing_is_carried_to_where_it_is_or_to_nowhere(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 5})

        for source, target, field in (
            ("first", "first", "to"),
            ("first", "nowhere", "to"),
            ("nowhere", "first", "from"),
        ):
            with pytest.raises(ValidationFailed) as refusal:
                carry(store, mug, 1, source, target)
            assert list(refusal.value.errors) == [field]

    def test_what_is_missing_in_all_is_missing_at_main_first(self, store: StartWork) -> None:
        mug = shelf(store, {"first": 4, "second": 4, "main": 3})

        self.count(store, mug, 6)
        fewer = lies(store, mug)
        self.count(store, mug, 9)

        assert fewer == [(2, 0), (4, 0), (0, 0)]
        assert lies(store, mug) == [(2, 0), (4, 0), (3, 0)]

    def count(self, store: StartWork, variant_id: UUID, on_hand: int) -> None:
        with store() as work:
            item = work.stock.lock(variant_id)
            item.count(on_hand, by=None, at=NOON)
            work.stock.save(item)
