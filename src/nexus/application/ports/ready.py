"""Answers of the public catalogue, ready as bytes, and what tells whether they still hold."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

GOODS, STOCK = "goods", "stock"


@dataclass(frozen=True, slots=True)
class Edition:
    """Names the state of what is shown, never the same name twice.

    `goods` changes with every write to the catalogue; `stock` with every unit that comes, goes or
    is promised.
    """

    goods: str
    stock: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """For how many seconds an answer holds, and for how many of them sales may go unseen in it.

    With None it shows no stock at all.
    """

    seconds: float
    sales: float | None = None


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """`made_at` is in seconds since the epoch, as the clocks of several machines tell it."""

    body: bytes
    etag: str
    route: str
    edition: Edition
    made_at: float
    freshness: Freshness

    def holds(self, edition: Edition, *, at: float) -> bool:
        age, sales = at - self.made_at, self.freshness.sales
        if self.edition.goods != edition.goods or age >= self.freshness.seconds:
            return False
        return sales is None or self.edition.stock == edition.stock or age < sales


class Editions(Protocol):
    """Which edition is current, over all processes."""

    def current(self, *, at_once: bool = False) -> Edition | None:
        """Return it as of a moment ago, or `at_once` as of now; None while nobody can tell."""

    def renew(self, changed: Collection[str]) -> None:
        """Say, after the commit, that the GOODS or the STOCK have changed. Never raises."""


class ReadyAnswers(Protocol):
    """What was answered before. Losing it costs time and nothing else."""

    def find(self, key: str, edition: Edition) -> ReadyAnswer | None:
        """Return the answer to this question if it holds in this edition."""

    def keep(self, key: str, answer: ReadyAnswer) -> None: ...

    def alone(self, key: str, edition: Edition) -> AbstractContextManager[ReadyAnswer | None]:
        """Make others who are about to find the same answer wait for the first, for a while.

        Gives the answer if one of them has kept it since it was looked for.
        """
