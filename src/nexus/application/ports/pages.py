"""What every list answers with."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A page by its number, counted from 1."""

    number: int = 1
    size: int = 12

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of what there is; `count` is of all of it, or None where that was not counted."""

    items: tuple[T, ...]
    count: int | None
