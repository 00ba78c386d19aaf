"""Staff are answerable: whatever they change is recorded beside the change, by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from nexus.application.ports.audit import Deed, WhoActs
from nexus.application.ports.work import StartWork, Work
from nexus.domain.account_changes import (
    AccountClosed,
    EmailChanged,
    PasswordChanged,
    PasswordReset,
)
from nexus.domain.api_tokens import ApiTokenCreated, ApiTokenRevoked
from nexus.domain.factors import FactorConfirmed, FactorRemoved
from nexus.domain.sessions import RefreshReused
from nexus.domain.shared import Aggregate, Event, Money, snake_case

DONE = {"add": "added", "save": "changed", "remove": "removed"}
# What everybody has for themselves alone, and what no person does.
NOT_WATCHED = {"carts", "addresses", "sessions", "factors", "api_tokens", "one_time_tokens"} | {
    "wishlists",
    "stock_alerts",
    "inbox",
    "views",
    "publish",
    "record",
    "conclude",
}

# What bears on security is recorded whoever does it.
SECURITY: Mapping[type[Event], str] = {
    PasswordChanged: "password.changed",
    PasswordReset: "password.reset",
    EmailChanged: "email.changed",
    AccountClosed: "account.closed",
    ApiTokenCreated: "api_token.created",
    ApiTokenRevoked: "api_token.revoked",
    FactorConfirmed: "factor.confirmed",
    FactorRemoved: "factor.removed",
    RefreshReused: "refresh.reused",
}

Facts = dict[str, Any]


@contextmanager
def audited(start_work: StartWork, who: WhoActs) -> Iterator[Work]:
    """Begin work; if it is staff's, whatever changes in it is recorded in the same transaction."""
    with start_work() as work:
        yield watched(work) if who().is_staff else work


def security_deeds(happened: Iterable[Event]) -> list[Deed]:
    """Return what of these events bears on somebody's security."""
    return [
        Deed(SECURITY[type(it)], "user", getattr(it, "user_id", None))
        for it in happened
        if type(it) in SECURITY
    ]


def watched(work: Work) -> Work:
    names = {it.name for it in fields(Work)} - NOT_WATCHED
    kept: dict[str, Any] = {it: Watched(getattr(work, it), work.record) for it in names}
    return replace(work, **kept)


@dataclass
class Watched:
    """A repository that compares what is saved through it with what was loaded through it.

    Only methods named for adding, saving and removing change an aggregate, so the name tells.
    """

    kept: Any
    record: Callable[[Deed], None]
    loaded: dict[UUID, Facts] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.kept, name)
        done = DONE.get(name.partition("_")[0])
        return partial(self._load, method) if done is None else partial(self._tell, done, method)

    def _load(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = method(*args, **kwargs)
        self.loaded |= {_key(it): facts(it) for it in _things(answer)}
        return answer

    def _tell(self, done: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = method(*args, **kwargs)
        for it in _things(args):
            before = self.loaded.pop(_key(it), {})
            after = {} if done == "removed" else facts(it)
            self.loaded[_key(it)] = after
            if before != after:
                noun = snake_case(type(it).__name__)
                self.record(Deed(f"{noun}.{done}", noun, _key(it), *difference(before, after)))
        return answer


def difference(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """Return both without what they agree on."""
    same = {name for name, value in before.items() if name in after and after[name] == value}
    told = ({k: v for k, v in it.items() if k not in same} for it in (before, after))
    return next(told), next(told)


def facts(thing: Any) -> Facts:
    """Return what it shows of itself, as plain JSON; what its repr hides is nobody's business."""
    told: Facts = {}
    for it in fields(thing):
        value = getattr(thing, it.name)
        if not it.repr or it.name == "version":
            continue
        if is_dataclass(value) and not isinstance(value, Money):
            told |= {f"{it.name}.{name}": each for name, each in facts(value).items()}
        else:
            told[it.name] = _plain(value)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return f"{value.text} {value.currency}"
    if isinstance(value, UUID | datetime):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(_plain, value))
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return facts(value) if is_dataclass(value) else value


def _things(value: Any) -> Iterator[Any]:
    """Find the aggregates, and what else has an identity, in an answer or in arguments."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _things(each)
    elif isinstance(value, Aggregate) or (is_dataclass(value) and hasattr(value, "id")):
        yield value


def _key(thing: Any) -> UUID:
    """Return the id; the stock of a variant goes by the variant's."""
    key: UUID = thing.id if hasattr(thing, "id") else thing.variant_id
    return key
