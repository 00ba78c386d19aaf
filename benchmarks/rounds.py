"""The measuring: in every round each contestant does each workload for a short time."""

from collections.abc import Callable, Iterator, Sequence

import psutil

from benchmarks.contest import Contest
from benchmarks.figures import Cell, Figures, Results, divided
from benchmarks.generator import ask
from benchmarks.servers import CACHED, CEILING, COLD, FLOOR, cpu_of

CONTESTANTS = (CEILING, FLOOR, COLD, CACHED)
CONNECTIONS = 8
ALONE = 0.5
WARMING = 0.2


def measure(
    contests: Sequence[Contest],
    database: psutil.Process,
    *,
    rounds: int,
    seconds: float,
    progress: Callable[[str], object],
) -> Results:
    """Go through all of it as often as there are rounds, after one that only warms."""
    results = Results()
    for contest, cell in _cells(contests):
        progress(_told("warming", cell))
        _measured(contest, cell, database, seconds * WARMING)
    for number in range(1, rounds + 1):
        for contest, cell in _cells(contests):
            progress(_told(f"round {number}", cell))
            results.rounds[cell].append(_measured(contest, cell, database, seconds))
    return results


def steps(contests: Sequence[Contest], rounds: int) -> int:
    return (rounds + 1) * len(list(_cells(contests)))


def _cells(contests: Sequence[Contest]) -> Iterator[tuple[Contest, Cell]]:
    for contest in contests:
        for workload in contest.workloads:
            for contestant in CONTESTANTS:
                yield contest, Cell(contest.products, workload.name, contestant)


def _measured(contest: Contest, cell: Cell, database: psutil.Process, seconds: float) -> Figures:
    server = contest.servers[cell.contestant]
    questions = contest.questions[cell.workload, cell.contestant]
    alone = ask(server.port, questions, connections=1, lasting=seconds * ALONE)
    before = server.cpu, cpu_of(database)
    rush = ask(server.port, questions, connections=CONNECTIONS, lasting=seconds)
    web, data = server.cpu - before[0], cpu_of(database) - before[1]
    asked = len(rush.seconds) + rush.failed
    return Figures(
        per_second=rush.per_second,
        middle=alone.middle,
        web_cpu=divided(web, asked),
        database_cpu=divided(data, asked),
        failed=alone.failed + rush.failed,
    )


def _told(when: str, cell: Cell) -> str:
    return f"{when}: {cell.products:,} products, {cell.workload}, {cell.contestant}"
