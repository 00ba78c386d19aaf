"""What was measured, and what of it is said: medians over the rounds."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import nan
from statistics import median
from typing import NamedTuple


class Cell(NamedTuple):
    """One contestant with one workload in a shop of one size."""

    products: int
    workload: str
    contestant: str

    def by(self, contestant: str) -> "Cell":
        return self._replace(contestant=contestant)

    def among(self, products: int) -> "Cell":
        return self._replace(products=products)


@dataclass(frozen=True)
class Figures:
    """One cell in one round; times in seconds, those of processors for each request."""

    per_second: float
    middle: float
    web_cpu: float
    database_cpu: float
    failed: int


Pick = Callable[[Figures], float]


@dataclass(frozen=True)
class Results:
    rounds: dict[Cell, list[Figures]] = field(default_factory=lambda: defaultdict(list))

    def middle(self, cell: Cell, pick: Pick) -> float:
        return median(map(pick, self.rounds[cell]))

    def ratio(self, cell: Cell, other: Cell, pick: Pick) -> float:
        """Compare within each round, since all of a round met the same machine."""
        pairs = zip(self.rounds[cell], self.rounds[other], strict=True)
        return median([divided(pick(one), pick(base)) for one, base in pairs])

    def failed(self, cell: Cell) -> int:
        return sum(it.failed for it in self.rounds[cell])


def divided(one: float, base: float) -> float:
    return one / base if base else nan
