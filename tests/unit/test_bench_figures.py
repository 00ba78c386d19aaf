"""What the benchmark says of what it has measured."""

import pytest

from benchmarks.asked import verdicts
from benchmarks.contest import Contest
from benchmarks.figures import Cell, Figures, Results
from benchmarks.report import growth
from benchmarks.rounds import CONTESTANTS
from benchmarks.servers import CACHED, CEILING, COLD
from benchmarks.workloads import workloads

SMALL, LARGE = 10_000, 200_000


def figures(per_second: float, *, middle: float = 0.001) -> Figures:
    return Figures(per_second, middle, web_cpu=middle / 2, database_cpu=middle / 4, failed=0)


@pytest.fixture
def results() -> Results:
    """Every contestant does a thousand a second, and the ceiling five thousand."""
    results = Results()
    for products in (SMALL, LARGE):
        for workload in workloads(products):
            for name in CONTESTANTS:
                speed = 5000 if name == CEILING else 1000
                results.rounds[Cell(products, workload.name, name)] = [figures(speed)] * 3
    return results


def outcome(results: Results, about: str, products: int = SMALL) -> tuple[str, str]:
    found = verdicts(results, [SMALL, LARGE])
    return next(
        (it.found, it.outcome)
        for it in found
        if it.about.startswith(about) and it.products == products
    )


def test_a_ratio_is_taken_within_each_round_as_the_machine_was_then() -> None:
    cell = Cell(SMALL, "W2", COLD)
    quiet, busy = [figures(1000), figures(100)], [figures(4000), figures(400)]
    results = Results({cell: quiet, cell.by(CEILING): busy})

    assert results.ratio(cell, cell.by(CEILING), lambda it: it.per_second) == 0.25


@pytest.mark.parametrize(("speed", "told"), [(3900, "not met"), (4100, "met"), (4600, "stretch")])
def test_what_was_asked_is_compared_as_a_share_of_the_ceiling(
    results: Results, speed: float, told: str
) -> None:
    results.rounds[Cell(SMALL, "W1", CACHED)] = [figures(speed)]
    results.rounds[Cell(SMALL, "W1", CEILING)] = [figures(5000)]

    assert outcome(results, "W1 Nexus cached: req/s") == (f"{speed / 5000:.0%}", told)


@pytest.mark.parametrize(("grown", "told"), [(1.0, "stretch"), (1.4, "met"), (1.6, "not met")])
def test_growth_is_that_of_the_time_of_one_request_alone(
    results: Results, grown: float, told: str
) -> None:
    results.rounds[Cell(LARGE, "W2", COLD)] = [figures(1000, middle=0.001 * grown)] * 3

    assert outcome(results, "W2 Nexus cold: growth", LARGE) == (f"{grown:.1f}×", told)


def test_growth_is_shown_for_the_times_and_both_processors(results: Results) -> None:
    contest = Contest(SMALL, {}, {}, workloads(SMALL), {})
    results.rounds[Cell(LARGE, "W4", COLD)] = [figures(1000, middle=0.003)] * 3

    rows = growth(contest, [SMALL, LARGE], results).rows

    assert ["W4", COLD, "3.0×", "3.0×", "3.0×"] in rows
    assert ["W3", COLD, "1.0×", "1.0×", "1.0×"] in rows
