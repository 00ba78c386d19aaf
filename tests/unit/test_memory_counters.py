import pytest

from nexus.adapters.counters import RoughCounters, SteadyCounters
from nexus.adapters.memory.counters import MemoryCounters
from tests.contracts.counters import MINUTE, NEXT_MINUTE, CountersContract, KeptCountersContract


class TestMemoryCounters(KeptCountersContract):
    @pytest.fixture
    def counters(self) -> MemoryCounters:
        return MemoryCounters()


class TestSteadyCounters(CountersContract):
    @pytest.fixture
    def counters(self) -> SteadyCounters:
        return SteadyCounters(MemoryCounters(), MemoryCounters())

    def test_go_on_with_the_spare_ones_while_the_first_are_away(self) -> None:
        first, spare = MemoryCounters(), MemoryCounters()
        counters = SteadyCounters(first, spare)
        counters.add([MINUTE], 5)

        first.is_away = True
        away = [counters.add([MINUTE], 1) for _ in range(2)]
        first.is_away = False

        assert away == [[1], [2]]
        assert counters.add([MINUTE], 1) == [6]


class TestRoughCounters:
    def test_tell_the_others_of_every_batch(self) -> None:
        shared = MemoryCounters()
        here, there = (RoughCounters(shared, batch=5) for _ in range(2))

        for _ in range(9):
            here.add([MINUTE], 1)
        for _ in range(5):
            seen = there.add([MINUTE], 1)

        assert seen == [10]
        assert here.add([MINUTE], 1) == [15]

    def test_count_alone_while_the_others_are_away(self) -> None:
        shared = MemoryCounters()
        shared.is_away = True
        counters = RoughCounters(shared, batch=2)

        assert [counters.add([MINUTE], 1) for _ in range(5)] == [[1], [2], [3], [4], [5]]

    def test_begin_anew_with_the_next_window(self) -> None:
        counters = RoughCounters(MemoryCounters())
        counters.add([MINUTE], 3)

        assert counters.add([NEXT_MINUTE], 1) == [1]
