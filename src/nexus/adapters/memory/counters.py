"""Counters of a process that has no servers."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from nexus.application.ports.limits import CountersUnavailable, Window


class MemoryCounters:
    def __init__(self) -> None:
        self.is_away = False
        self._counts: Counter[tuple[str, datetime]] = Counter()
        self._lock = Lock()

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        if self.is_away:
            raise CountersUnavailable
        with self._lock:
            self._counts.update({(it.key, it.ends_at): amount for it in windows})
            return [self._counts[it.key, it.ends_at] for it in windows]

    def forget(self, *, before: datetime) -> int:
        with self._lock:
            ended = [it for it in self._counts if it[1] <= before]
            for it in ended:
                del self._counts[it]
        return len(ended)
