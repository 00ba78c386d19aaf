"""Counts of what is done, over all processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nexus.domain.shared import Unavailable


class CountersUnavailable(Unavailable):
    code = "service_unavailable"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which one thing is counted; the key says which, and names nobody."""

    key: str
    seconds: int
    ends_at: datetime


class Counters(Protocol):
    """Numbers that every process adds to, however many do at once."""

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        """Add to each, and return what each is then; raise CountersUnavailable."""


class KeptCounters(Counters, Protocol):
    """Counters that nobody forgets unless told to."""

    def forget(self, *, before: datetime) -> int:
        """Forget the windows that ended before then."""
