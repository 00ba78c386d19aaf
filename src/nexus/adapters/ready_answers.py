"""Ready answers: in the process first, on the Redis-protocol server second."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from threading import Lock
from time import monotonic, time

import orjson
from redis import Redis
from redis.exceptions import RedisError

from nexus.application.ports.ready import Edition, Freshness, ReadyAnswer

# More threads than this never look for the same answer at once.
STRIPES = 64
PATIENCE = 2.0
A_WHILE = 300.0


class LayeredAnswers:
    """Keeps the answers asked for last, up to that many bytes of them in the process.

    As many are given to the server in a while, and no more: who asks for nothing twice does not
    fill it.
    """

    def __init__(self, redis: Redis, *, room: int) -> None:
        self._redis = redis
        self._near = NearAnswers(room)
        self._budget = Budget(room)
        self._stripes = [Lock() for _ in range(STRIPES)]

    def find(self, key: str, edition: Edition) -> ReadyAnswer | None:
        if near := self._find_near(key, edition):
            return near
        far = self._fetch(key, edition)
        if far is None or not far.holds(edition, at=time()):
            return None
        self._near.put(key, far)
        return far

    def _find_near(self, key: str, edition: Edition) -> ReadyAnswer | None:
        near = self._near.get(key)
        return near if near and near.holds(edition, at=time()) else None

    def keep(self, key: str, answer: ReadyAnswer) -> None:
        self._near.put(key, answer)
        if not self._budget.spend(_size(key, answer)):
            return
        try:
            self._redis.set(
                _name(key, answer.edition), _written(answer), px=int(answer.freshness.seconds * 1e3)
            )
        except RedisError:
            # It is in the process, and whoever asks next for the edition will notice.
            return

    def _fetch(self, key: str, edition: Edition) -> ReadyAnswer | None:
        try:
            found = self._redis.get(_name(key, edition))
        except RedisError:
            return None
        return _read(found, edition) if isinstance(found, bytes) else None

    @contextmanager
    def alone(self, key: str, edition: Edition) -> Iterator[ReadyAnswer | None]:
        stripe = self._stripes[hash(key) % STRIPES]
        taken = stripe.acquire(timeout=PATIENCE)
        try:
            yield self._find_near(key, edition)
        finally:
            if taken:
                stripe.release()


class Budget:
    """So much in A_WHILE; what was spent comes back evenly."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = float(most)
        self._at = monotonic()
        self._lock = Lock()

    def spend(self, amount: int) -> bool:
        """Take it if there is as much."""
        with self._lock:
            now = monotonic()
            back = (now - self._at) * self._most / A_WHILE
            self._left, self._at = min(self._most, self._left + back), now
            if amount > self._left:
                return False
            self._left -= amount
            return True


class NearAnswers:
    """The answers of one process; the one that was not asked for the longest goes first."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = Lock()
        self._answers: OrderedDict[str, ReadyAnswer] = OrderedDict()

    def get(self, key: str) -> ReadyAnswer | None:
        with self._lock:
            found = self._answers.get(key)
            if found:
                self._answers.move_to_end(key)
            return found

    def put(self, key: str, answer: ReadyAnswer) -> None:
        with self._lock:
            self._drop(key)
            self._answers[key] = answer
            self._room -= _size(key, answer)
            while self._room < 0:
                self._drop(next(iter(self._answers)))

    def _drop(self, key: str) -> None:
        if old := self._answers.pop(key, None):
            self._room += _size(key, old)


def _size(key: str, answer: ReadyAnswer) -> int:
    """Return about how many bytes it takes, with what Python adds to each object."""
    return len(answer.body) + len(key) + 1000


def _name(key: str, edition: Edition) -> str:
    digest = blake2b(key.encode(errors="replace"), digest_size=16).hexdigest()
    return f"nexus:ready:{edition.goods}:{digest}"


def _written(answer: ReadyAnswer) -> bytes:
    freshness = (answer.freshness.seconds, answer.freshness.sales)
    facts = (answer.etag, answer.route, answer.edition.stock, answer.made_at, *freshness)
    return orjson.dumps(facts) + b"\n" + answer.body


def _read(content: bytes, edition: Edition) -> ReadyAnswer:
    facts, _, body = content.partition(b"\n")
    etag, route, stock, made_at, seconds, sales = orjson.loads(facts)
    kept_in = Edition(edition.goods, stock)
    return ReadyAnswer(body, etag, route, kept_in, made_at, Freshness(seconds, sales))
