from collections import Counter
from datetime import datetime, timedelta

import pytest

from nexus.adapters.memory.counters import MemoryCounters
from nexus.application.limits import (
    Attempt,
    CountAttempt,
    ForgetCounts,
    GiveBack,
    Limit,
    Rule,
    Standing,
    WriteSparingly,
)
from nexus.application.ports.system import OwedReaction, StoredEvent
from nexus.domain.shared import new_id
from nexus.entrypoints.http.limits import GUESSES
from tests.people import NOON

CALLS = Rule("calls", (Limit(2, 60), Limit(3, 3600)))


def owed(user_id: str, *, attempts: int = 1) -> OwedReaction:
    event = StoredEvent(new_id(), "internal.account_exists", NOON, {"user_id": user_id})
    return OwedReaction(new_id(), "send_account_exists", event, attempts)


class Door:
    """A door with a rule, and a clock that a test may turn."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.at = NOON
        self.counters = MemoryCounters()

    def now(self) -> datetime:
        return self.at

    def knock(self, address: str = "1.1.1.1", account: str | None = None) -> Attempt:
        count = CountAttempt(self.counters, self.now)
        return count(rule=self.rule, address=address, account=account)

    def enter(self, address: str = "1.1.1.1", account: str | None = None) -> bool:
        """Knock with the right key, and say whether it was looked at."""
        attempt = self.knock(address, account)
        if attempt.retry_after is None and self.rule.failures:
            GiveBack(self.counters)(attempt=attempt)
        return attempt.retry_after is None

    def guess(self, times: int, address: str = "1.1.1.1", account: str = "hana") -> int:
        """Knock with wrong keys, and say how many of them were looked at."""
        return sum(self.knock(address, account).retry_after is None for _ in range(times))


class TestCountAttempt:
    def test_tells_what_is_left_of_the_limit_that_ends_first(self) -> None:
        door = Door(CALLS)

        assert door.knock().standing == Standing(most=2, left=1, resets_in=60)
        assert door.knock().standing == Standing(most=2, left=0, resets_in=60)

    def test_refuses_until_every_limit_that_was_exceeded_is_whole_again(self) -> None:
        door = Door(CALLS)
        waits = [door.knock().retry_after for _ in range(3)]

        door.at += timedelta(seconds=60)

        assert waits == [None, None, 60]
        assert door.knock().retry_after == 3540

    def test_counts_each_address_by_itself(self) -> None:
        door = Door(CALLS)

        assert all(door.enter(f"1.1.1.{last}") for last in range(5))

    def test_lets_everybody_in_when_limits_are_off(self) -> None:
        count = CountAttempt(MemoryCounters(), lambda: NOON, is_on=False)

        assert all(count(rule=CALLS).retry_after is None for _ in range(5))


class TestGuesses:
    @pytest.fixture
    def door(self) -> Door:
        return Door(GUESSES)

    def test_are_ten_a_minute_for_an_account_and_an_address(self, door: Door) -> None:
        assert door.guess(50) == 10

    def test_leave_the_owner_who_is_elsewhere_alone(self, door: Door) -> None:
        door.guess(500)

        assert door.enter("2.2.2.2", "hana")

    def test_leave_others_at_the_same_address_alone(self, door: Door) -> None:
        door.guess(500)

        assert door.enter(account="abebe")

    def test_from_everywhere_leave_whoever_knows_the_password_alone(self, door: Door) -> None:
        for last in range(200):
            door.guess(10, f"9.9.9.{last}")

        assert all(door.enter("2.2.2.2", "hana") for _ in range(20))

    def test_from_everywhere_are_three_an_hour_for_each_address(self, door: Door) -> None:
        looked_at = [door.guess(10, f"9.9.9.{last}") for last in range(20)]

        assert looked_at[:10] == [10] * 10
        assert set(looked_at[11:]) == {3}

    def test_at_many_accounts_end_for_the_address(self, door: Door) -> None:
        looked_at = sum(door.guess(1, account=f"customer {number}") for number in range(400))

        assert looked_at == 300

    def test_cost_nothing_when_they_are_right(self, door: Door) -> None:
        assert all(door.enter(account="hana") for _ in range(50))


class TestWriteSparingly:
    @pytest.fixture
    def written(self) -> list[OwedReaction]:
        return []

    @pytest.fixture
    def write(self, written: list[OwedReaction]) -> WriteSparingly:
        def note(*, owed: OwedReaction) -> None:
            written.append(owed)

        return WriteSparingly(note, CountAttempt(MemoryCounters(), lambda: NOON))

    def test_writes_five_times_an_hour_to_each(
        self, write: WriteSparingly, written: list[OwedReaction]
    ) -> None:
        for user_id in ("hana", "abebe") * 7:
            write(owed=owed(user_id))

        assert Counter(it.event.data["user_id"] for it in written) == {"hana": 5, "abebe": 5}

    def test_tries_again_what_could_not_be_sent(
        self, write: WriteSparingly, written: list[OwedReaction]
    ) -> None:
        for _ in range(7):
            write(owed=owed("hana"))

        write(owed=owed("hana", attempts=2))

        assert len(written) == 6


class TestForgetCounts:
    def test_forgets_what_limits_nobody_any_more(self) -> None:
        door = Door(CALLS)
        door.knock()
        door.at += timedelta(seconds=61)

        assert ForgetCounts(door.counters, door.now)() == 1
