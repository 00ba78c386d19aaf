"""What counters promise, whoever keeps them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from nexus.application.ports.limits import Counters, KeptCounters, Window
from tests.people import NOON

MINUTE = Window("0" * 32, 60, NOON + timedelta(minutes=1))
NEXT_MINUTE = Window(MINUTE.key, 60, NOON + timedelta(minutes=2))
OTHERS = Window("1" * 32, 60, MINUTE.ends_at)


class CountersContract:
    def test_count_each_window_by_itself(self, counters: Counters) -> None:
        counters.add([MINUTE, OTHERS], 1)

        assert counters.add([MINUTE, NEXT_MINUTE], 1) == [2, 1]
        assert counters.add([NEXT_MINUTE, OTHERS], 2) == [3, 3]

    def test_give_back(self, counters: Counters) -> None:
        counters.add([MINUTE], 2)

        assert counters.add([MINUTE], -1) == [1]

    def test_lose_nothing_when_many_count_at_once(self, counters: Counters) -> None:
        windows = [MINUTE, OTHERS]

        with ThreadPoolExecutor(8) as pool:
            pairs = [windows, windows[::-1]] * 20
            found = list(pool.map(lambda pair: counters.add(pair, 1), pairs))

        assert sorted(it for it, _ in found[::2] + [pair[::-1] for pair in found[1::2]]) == list(
            range(1, 41)
        )


class KeptCountersContract(CountersContract):
    def test_forget_what_has_ended(self, counters: KeptCounters) -> None:
        counters.add([MINUTE, NEXT_MINUTE], 1)

        assert counters.forget(before=MINUTE.ends_at) == 1

        assert counters.add([MINUTE, NEXT_MINUTE], 1) == [1, 2]
