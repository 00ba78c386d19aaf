"""What every list answers with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

T = TypeVar("T")

Keys: TypeAlias = tuple[str | int | float | Decimal | datetime | UUID | None, ...]
"""What a row is sorted by, its id last: they say exactly where in a list it stands."""


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A page by its number, counted from 1; or, in a walk, what comes after the row of these keys.

    A walk begins with no keys; it counts nothing, and costs the same however far it has come.
    """

    number: int = 1
    size: int = 12
    after: Keys | None = None

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def is_walk(self) -> bool:
        return self.after is not None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of what there is; `count` is of all of it, or None where that was not counted.

    `last` holds the keys of the last item if another follows it, and None at the end of the list.
    Whoever does not walk needs no keys, and may be given none of them.
    """

    items: tuple[T, ...]
    count: int | None
    last: Keys | None = None
