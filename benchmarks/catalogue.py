"""What the catalogue costs, between the least that is possible and what one gets without thought.

Bare Flask, a naive application and Nexus answer the same in turn, on a PostgreSQL and a Valkey of
their own: `make bench`.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmarks.contest import Contest, contest
from benchmarks.cores import Cores
from benchmarks.databases import Databases, started
from benchmarks.explain import plans
from benchmarks.figures import Results
from benchmarks.report import LEGEND, sheets
from benchmarks.rounds import measure, steps
from benchmarks.sheets import document
from nexus.entrypoints.local.run import stop_on_signals

HOME = Path("var/bench")
# Below, there is no second page in a category; and Valkey has two databases for each of those.
LEAST, MOST_SIZES = 1000, 8
HEADING = "The catalogue: `make bench`"


def sizes_in(_: click.Context, __: click.Parameter, text: str) -> list[int]:
    try:
        sizes = sorted({int(it) for it in text.split(",")})
    except ValueError as error:
        raise click.BadParameter("numbers, with a comma between them") from error
    if sizes[0] < LEAST or len(sizes) > MOST_SIZES:
        raise click.BadParameter(f"at most {MOST_SIZES} of them, none below {LEAST:,}")
    return sizes


@click.command()
@click.option(
    "--sizes",
    envvar="SIZES",
    default="10000,200000,1000000",
    show_default=True,
    callback=sizes_in,
    help="How many products.",
)
@click.option("--rounds", envvar="ROUNDS", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--seconds",
    envvar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=1.5,
    show_default=True,
    help="How long each measurement lasts.",
)
@click.option("--markdown", type=click.Path(path_type=Path), help="Write the tables there too.")
@click.option("--explain", is_flag=True, help="Show the plan of each statement of Nexus.")
@click.option("--home", type=click.Path(path_type=Path), default=HOME, show_default=True)
def main(
    sizes: Sequence[int],
    rounds: int,
    seconds: float,
    markdown: Path | None,
    explain: bool,
    home: Path,
) -> None:
    """Measure W1 to W5; what was loaded is kept for the next time."""
    stop_on_signals()
    home = home.absolute()
    console, cores = Console(highlight=False), Cores.of_this_machine()
    with started(home) as databases, ExitStack() as stack:
        urls = [loaded(databases, size, console) for size in sizes]
        cores.keep_to_others()
        contests = [
            stack.enter_context(contest(size, url, databases.redis_urls(at), home, cores))
            for at, (size, url) in enumerate(zip(sizes, urls, strict=True))
        ]
        results = measured(contests, databases, rounds, seconds, console)
        told = f"{rounds} rounds of {seconds:g} s; {cores}. {LEGEND}."
        tables = list(sheets(contests, results))
        for table in tables:
            console.print(table.shown())
        console.print(told)
        if markdown:
            markdown.write_text(document(HEADING, told, tables))
        if explain:
            show_plans(contests, console)


def loaded(databases: Databases, products: int, console: Console) -> str:
    with bar(console, f"Loading {products:,} products", products) as (progress, task):
        return databases.load(products, lambda done: progress.update(task, completed=done))


def measured(
    contests: Sequence[Contest],
    databases: Databases,
    rounds: int,
    seconds: float,
    console: Console,
) -> Results:
    # Drawn between the measurements only.
    with bar(console, "Measuring", steps(contests, rounds), auto=False) as (progress, task):

        def tell(what: str) -> None:
            progress.update(task, description=what, advance=1, refresh=True)

        return measure(
            contests, databases.postgres_process, rounds=rounds, seconds=seconds, progress=tell
        )


@contextmanager
def bar(
    console: Console, description: str, total: int, *, auto: bool = True
) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("{task.description:<52}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    shown = Progress(*columns, *times, console=console, transient=True, auto_refresh=auto)
    with shown as progress:
        yield progress, progress.add_task(description, total=total)


def show_plans(contests: Sequence[Contest], console: Console) -> None:
    for each in contests:
        for workload, statement, plan in plans(each.workloads, each.nexus):
            console.rule(f"{each.products:,} products: {workload.name} {workload.title}")
            console.print(statement, "", plan, sep="\n", markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
