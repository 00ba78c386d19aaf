"""The edition of the catalogue, kept on the Redis-protocol server."""

import logging
from collections.abc import Collection
from mmap import mmap
from secrets import token_bytes, token_urlsafe
from threading import Lock
from time import monotonic

from redis import Redis
from redis.exceptions import RedisError

from nexus.application.ports.ready import GOODS, STOCK, Edition

log = logging.getLogger("nexus.ready")

# Well below the second within which everybody is to see what somebody wrote.
REMEMBERED = 0.2
REST = 1.0


class Mark:
    """Seen by all the processes that are forked from the one that makes it, and set by any."""

    def __init__(self) -> None:
        self._shared = mmap(-1, 8)

    def seen(self) -> bytes:
        return self._shared[:]

    def change(self) -> None:
        """Draw another one: to count it up, processes would have to wait for each other."""
        self._shared[:] = token_bytes(8)


# Made on import, and so before our server forks the processes that answer. Where another imports us
# later, each has a mark of its own, and sees what others wrote once it asks again.
OF_THIS_SERVER = Mark()


class RedisEditions:
    """Names are drawn, not counted: a server that lost what it held never repeats one.

    A server may come back with what it held some time ago, without anybody having missed it. So
    the name of its life belongs to that of the edition, and those of another life are no more.

    What is remembered of it holds until the mark has changed, so that what one process has renewed
    no other that is forked from the same one remembers.

    While the server is away nobody can tell the edition. Whoever noticed that gives out a new one
    afterwards, since a name that was to be renewed meanwhile was not.
    """

    def __init__(self, redis: Redis, *, remembered: float = REMEMBERED, rest: float = REST) -> None:
        self._redis = redis
        self._remembered = remembered
        self._rest = rest
        self._lock = Lock()
        self._mark = OF_THIS_SERVER
        self._known: Edition | None = None
        self._known_under = b""
        self._asked_at = 0.0
        self._away_until = 0.0
        self._was_away = False

    def current(self, *, at_once: bool = False) -> Edition | None:
        now = monotonic()
        if now < self._away_until:
            return None
        mark = self._mark.seen()
        if not at_once and self._known_under == mark and now < self._asked_at + self._remembered:
            return self._known
        try:
            known = self._ask()
        except RedisError as error:
            self._leave_alone(error)
            return None
        with self._lock:
            # Who asked later knows better.
            if now >= self._asked_at:
                self._known, self._known_under, self._asked_at = known, mark, now
        return known

    def _ask(self) -> Edition | None:
        if self._was_away:
            self._forget((GOODS, STOCK))
            self._was_away = False
        names = self._read()
        if None in names:
            for it in (GOODS, STOCK):
                self._redis.set(_key(it), token_urlsafe(9), nx=True)
            names = self._read()
        goods, stock = names
        # Somebody else changes them at this very moment.
        return Edition(goods, stock) if goods and stock else None

    def _read(self) -> list[str | None]:
        with self._redis.pipeline(transaction=False) as asked:
            asked.mget(_key(GOODS), _key(STOCK))
            asked.info("server")
            found, server = asked.execute()
        return [it and f"{server['run_id']}:{it.decode()}" for it in found]

    def renew(self, changed: Collection[str]) -> None:
        try:
            self._forget(changed)
        except RedisError as error:
            self._leave_alone(error)

    def _forget(self, changed: Collection[str]) -> None:
        """Whoever asks next draws a name. A server whose memory is full forgets all the same."""
        self._redis.delete(*map(_key, changed))
        self._mark.change()

    def _leave_alone(self, error: RedisError) -> None:
        """Let no request wait for a server that did not answer the one before."""
        log.warning("no ready answers without redis", extra={"reason": type(error).__name__})
        self._was_away = True
        self._away_until = monotonic() + self._rest


def _key(of: str) -> str:
    return f"nexus:edition:{of}"
