"""The tables of what was measured."""

from collections.abc import Iterator, Sequence

from benchmarks.asked import Verdict, verdicts
from benchmarks.contest import Contest
from benchmarks.figures import Cell, Figures, Pick, Results
from benchmarks.rounds import CONNECTIONS, CONTESTANTS
from benchmarks.servers import CEILING, COLD, FLOOR
from benchmarks.sheets import Sheet

MEASURED = (
    "workload",
    "who",
    "req/s",
    "of ceiling",
    "to floor",
    "p50 ms",
    "CPU µs",
    "of ceiling",
    "database µs",
    "failed",
)
LEGEND = (
    f"Medians over the rounds: req/s with {CONNECTIONS} connections, p50 with one; for each"
    " request the CPU of the web server and that of PostgreSQL"
)
GROWING: dict[str, Pick] = {
    "p50": lambda it: it.middle,
    "CPU": lambda it: it.web_cpu,
    "database": lambda it: it.database_cpu,
}


def sheets(contests: Sequence[Contest], results: Results) -> Iterator[Sheet]:
    for contest in contests:
        yield measured(contest, results)
    sizes = [it.products for it in contests]
    if len(sizes) > 1:
        yield growth(contests[0], sizes, results)
    yield asked(sizes, list(verdicts(results, sizes)))
    yield memory(contests)


def measured(contest: Contest, results: Results) -> Sheet:
    named = " · ".join(f"{it.name} {it.title}" for it in contest.workloads)
    sheet = Sheet(f"{contest.products:,} products", MEASURED, note=named)
    for workload in contest.workloads:
        for contestant in CONTESTANTS:
            cell = Cell(contest.products, workload.name, contestant)
            sheet.rows.append([workload.name, contestant, *figures(cell, results)])
    return sheet


def figures(cell: Cell, results: Results) -> list[str]:
    def speed(it: Figures) -> float:
        return it.per_second

    def cpu(it: Figures) -> float:
        return it.web_cpu

    ceiling, floor = cell.by(CEILING), cell.by(FLOOR)
    return [
        f"{results.middle(cell, speed):,.0f}",
        f"{results.ratio(cell, ceiling, speed):.0%}",
        times(results.ratio(cell, floor, speed)),
        f"{results.middle(cell, lambda it: it.middle) * 1e3:.2f}",
        f"{results.middle(cell, cpu) * 1e6:,.0f}",
        times(results.ratio(cell, ceiling, cpu)),
        f"{results.middle(cell, lambda it: it.database_cpu) * 1e6:,.0f}",
        str(results.failed(cell)),
    ]


def times(ratio: float) -> str:
    return f"{ratio:,.1f}×" if ratio < 100 else f"{ratio:,.0f}×"


def growth(contest: Contest, sizes: Sequence[int], results: Results) -> Sheet:
    larger = sizes[1:]
    kinds = [f"{kind}, {size:,}" for size in larger for kind in GROWING]
    title = f"Growth from {sizes[0]:,} products"
    sheet = Sheet(title, ["workload", "who", *kinds])
    for workload in contest.workloads:
        for contestant in (COLD, FLOOR):
            smallest = Cell(sizes[0], workload.name, contestant)
            grown = [
                times(results.ratio(smallest.among(size), smallest, pick))
                for size in larger
                for pick in GROWING.values()
            ]
            sheet.rows.append([workload.name, contestant, *grown])
    return sheet


def asked(sizes: Sequence[int], found: Sequence[Verdict]) -> Sheet:
    shown = [f"{size:,} products" for size in sizes]
    sheet = Sheet("What is asked", ["what", "must", "stretch", *shown])
    by_place = {(it.about, it.products): f"{it.found} {it.outcome}" for it in found}
    for about, must, stretch in dict.fromkeys((it.about, it.must, it.stretch) for it in found):
        cells = [by_place.get((about, size), "–") for size in sizes]
        sheet.rows.append([about, must, stretch, *cells])
    return sheet


def memory(contests: Sequence[Contest]) -> Sheet:
    """What lies in memory after all of it; of each web server, the process that answers."""
    sheet = Sheet("Resident memory, MB", ["products", *CONTESTANTS])
    for contest in contests:
        held = [f"{contest.servers[it].memory / 2**20:.0f}" for it in CONTESTANTS]
        sheet.rows.append([f"{contest.products:,}", *held])
    return sheet
