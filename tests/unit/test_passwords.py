from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from nexus.adapters.passwords import RECOMMENDED, QueuedPasswords, common_passwords
from nexus.application.ports.security import TooBusy
from tests.people import CHEAP, PASSWORD


class TestArgon2Passwords:
    def test_match_what_was_hashed_and_nothing_else(self) -> None:
        kept = CHEAP.hash(PASSWORD)

        assert PASSWORD not in kept
        assert CHEAP.matches(PASSWORD, kept)
        assert not CHEAP.matches(PASSWORD + " ", kept)

    def test_never_cut_a_long_one_short(self) -> None:
        kept = CHEAP.hash("x" * 128)

        assert not CHEAP.matches("x" * 127, kept)

    def test_are_the_same_however_a_keyboard_composes_them(self) -> None:
        assert CHEAP.matches("cafe\u0301-latte", CHEAP.hash("caf\u00e9-latte"))

    @pytest.mark.parametrize("kept", [None, "", "no hash at all"])
    def test_never_match_without_a_hash(self, kept: str | None) -> None:
        assert not CHEAP.matches("what an unknown account is compared with", kept)

    def test_cost_what_owasp_recommends(self) -> None:
        assert (RECOMMENDED.memory_cost, RECOMMENDED.time_cost, RECOMMENDED.parallelism) == (
            19_456,
            2,
            1,
        )


def test_common_passwords_are_known_and_the_examples_of_old_are_not_among_them() -> None:
    common = common_passwords()

    assert {"password", "12345678", "qwertyuiop"} <= common
    assert not {"testpass123", "securepass"} & common


class Slow:
    """Passwords that are looked at for as long as a test likes."""

    def __init__(self) -> None:
        self.begun, self.enough = Event(), Event()

    def hash(self, password: str) -> str:
        self.begun.set()
        self.enough.wait(20)
        return f"hash of {password}"

    def matches(self, password: str, kept: str | None) -> bool:
        return self.hash(password) == kept


class TestQueuedPasswords:
    @pytest.fixture
    def slow(self) -> Iterator[Slow]:
        slow = Slow()
        yield slow
        slow.enough.set()

    def test_refuse_whoever_would_wait_too_long(self, slow: Slow) -> None:
        queued = QueuedPasswords(slow, at_once=1, patience=0.01)

        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(queued.hash, PASSWORD)
            slow.begun.wait(20)
            with pytest.raises(TooBusy):
                queued.matches(PASSWORD, None)
            slow.enough.set()

            assert first.result() == f"hash of {PASSWORD}"

    def test_look_at_each_in_turn(self, slow: Slow) -> None:
        queued = QueuedPasswords(slow, at_once=2)
        slow.enough.set()

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda word: queued.matches(word, f"hash of {word}"), "abcdefgh"))

        assert found == [True] * 8
