"""What is asked of Nexus, and whether it was met.

Requests per second were asked for on a machine whose ceiling was known, so they are compared as
shares of the ceiling, which every machine has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.figures import Cell, Results
from benchmarks.servers import CACHED, CEILING, COLD

# Flask with 6 KB of ready bytes, in requests per second.
THEIR_CEILING = 4748
# Smaller differences than this mean nothing.
FLAT = 1.1
QUICK_SECONDS = 0.00035
_CACHED = {"W1": (3800, 4300), "W2": (3800, 4300), "W3": (3800, 4300), "W4": (3800, 4300)}
_SPEEDS = {
    CACHED: _CACHED | {"W5": (3600, 4200)},
    COLD: {
        "W1": (1500, 1800),
        "W2": (1300, 1800),
        "W3": (1300, 1800),
        "W4": (1200, 1800),
        "W5": (1400, 1800),
    },
}
_GROWTH = {"W2": 1.5, "W3": 2.0, "W4": 4.0}


@dataclass(frozen=True)
class Verdict:
    """One thing that was asked, and what was found at one size."""

    about: str
    must: str
    stretch: str
    products: int
    found: str
    outcome: str


def verdicts(results: Results, sizes: Sequence[int]) -> Iterator[Verdict]:
    for products in sizes:
        yield from _speeds(results, products)
        yield from _quickness(results, products)
    for products in sizes[1:]:
        yield from _growth(results, sizes[0], products)


def _speeds(results: Results, products: int) -> Iterator[Verdict]:
    for contestant, asked in _SPEEDS.items():
        for workload, speeds in asked.items():
            must, stretch = (it / THEIR_CEILING for it in speeds)
            cell = Cell(products, workload, contestant)
            share = results.ratio(cell, cell.by(CEILING), lambda it: it.per_second)
            told = f"{workload} {contestant}: req/s, of the ceiling"
            outcome = _outcome(share >= must, share >= stretch)
            yield Verdict(told, f"{must:.0%}", f"{stretch:.0%}", products, f"{share:.0%}", outcome)


def _quickness(results: Results, products: int) -> Iterator[Verdict]:
    for workload in _CACHED:
        middle = results.middle(Cell(products, workload, CACHED), lambda it: it.middle)
        outcome = _outcome(middle <= QUICK_SECONDS, False)
        told, must = f"{workload} {CACHED}: p50", f"{QUICK_SECONDS * 1e3:.2f} ms"
        yield Verdict(told, must, "–", products, f"{middle * 1e3:.2f} ms", outcome)


def _growth(results: Results, smallest: int, products: int) -> Iterator[Verdict]:
    for workload, must in _GROWTH.items():
        cell = Cell(products, workload, COLD)
        grown = results.ratio(cell, cell.among(smallest), lambda it: it.middle)
        told = f"{workload} {COLD}: growth of p50"
        outcome = _outcome(grown <= must, grown <= FLAT)
        yield Verdict(told, f"{must:g}×", "flat", products, f"{grown:.1f}×", outcome)


def _outcome(must: bool, stretch: bool) -> str:
    return "stretch" if stretch else "met" if must else "not met"
