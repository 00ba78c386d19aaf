"""How often somebody may try."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil

from nexus.application.ports.limits import Counters, KeptCounters, Window
from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.reactions import Reaction
from nexus.domain.shared import NexusError


@dataclass(eq=False)
class RateLimited(NexusError):
    """Too often; `retry_after` is in seconds."""

    retry_after: int


class By(StrEnum):
    """Whose tries are counted together."""

    ADDRESS = "address"
    ACCOUNT = "account"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so many seconds; if `beyond` is set, only while that one is exceeded."""

    most: int
    seconds: int
    by: By = By.ADDRESS
    beyond: Limit | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one kind of call. With `failures`, tries that succeed are given back."""

    name: str
    limits: tuple[Limit, ...]
    failures: bool = False

    def counted(self) -> Iterator[Limit]:
        for limit in self.limits:
            yield limit
            if limit.beyond:
                yield limit.beyond


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of one limit, and in how many seconds it is whole again."""

    most: int
    left: int
    resets_in: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was counted; it is refused if `retry_after` says for how long."""

    windows: tuple[Window, ...]
    standing: Standing
    retry_after: int | None = None


UNLIMITED = Attempt((), Standing(0, 0, 0))


@dataclass(frozen=True)
class CountAttempt:
    """Count a try before it is made, so that no burst of them slips through together."""

    counters: Counters
    now: Clock
    is_on: bool = True

    def __call__(self, *, rule: Rule, address: str = "", account: str | None = None) -> Attempt:
        if not self.is_on:
            return UNLIMITED
        at = self.now()
        windows = {
            limit: window(rule, limit, address=address, account=account, at=at)
            for limit in rule.counted()
            if account is not None or limit.by is By.ADDRESS
        }
        counted = self.counters.add(list(windows.values()), 1)
        counts = dict(zip(windows, counted, strict=True))
        return self._judge(rule, windows, counts, at)

    def _judge(
        self,
        rule: Rule,
        windows: Mapping[Limit, Window],
        counts: Mapping[Limit, int],
        at: datetime,
    ) -> Attempt:
        left = {it: it.most - counts[it] for it in rule.limits if in_force(it, counts)}
        waits = {it: ceil((windows[it].ends_at - at).total_seconds()) for it in left}
        refused = [waits[it] for it in left if left[it] < 0]
        tightest = min(left, key=left.__getitem__)
        standing = Standing(tightest.most, max(left[tightest], 0), waits[tightest])
        attempt = Attempt(tuple(windows.values()), standing, max(refused, default=None))
        if refused and rule.failures:
            # Nobody looked at what was tried, so it must not cost others at the same address.
            self.counters.add(attempt.windows, -1)
        return attempt


def in_force(limit: Limit, counts: Mapping[Limit, int]) -> bool:
    if limit not in counts:
        return False
    return limit.beyond is None or counts[limit.beyond] > limit.beyond.most


def window(rule: Rule, limit: Limit, *, address: str, account: str | None, at: datetime) -> Window:
    """Return the stretch of time, the same for everybody, and the key of who is counted in it."""
    who = {By.ADDRESS: (address,), By.ACCOUNT: (account,), By.BOTH: (address, account)}[limit.by]
    facts = (rule.name, limit.by.value, limit.seconds, *who)
    key = hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()
    ends = (int(at.timestamp()) // limit.seconds + 1) * limit.seconds
    return Window(key, limit.seconds, datetime.fromtimestamp(ends, UTC))


@dataclass(frozen=True)
class GiveBack:
    """Uncount a try that did no harm."""

    counters: Counters

    def __call__(self, *, attempt: Attempt) -> None:
        self.counters.add(attempt.windows, -1)


# Enough for whoever looks for the mail, and too few to annoy somebody with.
MAILS = (Limit(5, 3600, By.ACCOUNT),)


@dataclass(frozen=True)
class WriteSparingly:
    """Mail what strangers can have mailed, unless the account had enough of it; nobody is told."""

    write: Reaction
    count: CountAttempt

    def __call__(self, *, owed: OwedReaction) -> None:
        if owed.attempts > 1 or self._has_few(owed):
            self.write(owed=owed)

    def _has_few(self, owed: OwedReaction) -> bool:
        attempt = self.count(rule=Rule(owed.reaction, MAILS), account=owed.event.data["user_id"])
        return attempt.retry_after is None


@dataclass(frozen=True)
class ForgetCounts:
    """Forget the counts that no longer limit anybody."""

    counters: KeptCounters
    now: Clock

    def __call__(self) -> int:
        return self.counters.forget(before=self.now())
