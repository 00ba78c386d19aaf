"""Counters on the Redis-protocol server, and what goes on while it is away."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic

from limits.storage import RedisStorage
from redis import Redis
from redis.exceptions import RedisError

from nexus.application.ports.limits import Counters, CountersUnavailable, Window

log = logging.getLogger("nexus.limits")


class RedisCounters:
    """Leaves a server that did not answer alone for a moment, so that no request waits twice."""

    def __init__(self, redis: Redis, *, rest: float = 1.0) -> None:
        # The address is not looked at, since the connections are there already.
        self._storage = RedisStorage("redis://", redis.connection_pool, key_prefix="nexus:count")
        self._rest = rest
        self._back_at = 0.0

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        if monotonic() < self._back_at:
            raise CountersUnavailable
        try:
            return [self._storage.incr(_key(it), it.seconds, amount) for it in windows]
        except RedisError as error:
            self._back_at = monotonic() + self._rest
            log.warning("counting without redis", extra={"reason": type(error).__name__})
            raise CountersUnavailable from error


def _key(window: Window) -> str:
    return f"{window.key}:{window.ends_at.timestamp():.0f}"


class SteadyCounters:
    """Count in the first, and in the spare one while the first is away; never not at all."""

    def __init__(self, first: Counters, spare: Counters) -> None:
        self._first = first
        self._spare = spare

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        try:
            return self._first.add(windows, amount)
        except CountersUnavailable:
            return self._spare.add(windows, amount)


@dataclass(slots=True)
class _Share:
    known: int = 0
    owed: int = 0


class RoughCounters:
    """Count in the process, and settle with the shared counters every so often.

    For limits that are generous and must cost nothing: each process may be behind by a batch,
    and counts alone while the shared counters are away. All windows have the same length.
    """

    def __init__(self, shared: Counters, *, batch: int = 25) -> None:
        self._shared = shared
        self._batch = batch
        self._lock = Lock()
        self._ends_at: datetime | None = None
        self._shares: dict[str, _Share] = {}

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        return [self._add(it, amount) for it in windows]

    def _add(self, window: Window, amount: int) -> int:
        with self._lock:
            if window.ends_at != self._ends_at:
                self._ends_at = window.ends_at
                self._shares.clear()
            share = self._shares.setdefault(window.key, _Share())
            share.owed += amount
            if share.owed < self._batch:
                return share.known + share.owed
            owed, share.owed = share.owed, 0
            share.known += owed
        return self._settle(window, share, owed)

    def _settle(self, window: Window, share: _Share, owed: int) -> int:
        try:
            (known,) = self._shared.add([window], owed)
            share.known = max(share.known, known)
        except CountersUnavailable:
            log.debug("settling later")
        return share.known + share.owed
