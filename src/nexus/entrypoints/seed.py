"""`nexus seed`: a shop with something in it."""

import os
from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from nexus.bootstrap import Container, open_container
from nexus.entrypoints.seeds.content import content

MANY = 10_000


def seed(size: str, *, products: int | None = None) -> None:
    """Make what is missing of the demo shop, or with `load` products by the thousand."""
    console, many = Console(), products or MANY
    with open_container(os.environ) as container:
        if size == "load":
            made = {"Products": (load(container, console, many), many)}
        else:
            made = fill(container, console, size)
    console.print(summary(size, made))


def fill(container: Container, console: Console, size: str) -> dict[str, tuple[int, int]]:
    """Return by kind how many were made, of how many that there are to be."""
    steps = list(container.filling().steps(content(size)))
    made = Counter[str]()
    with bar(console) as progress:
        task = progress.add_task("Filling the shop", total=len(steps))
        for step in steps:
            progress.update(task, description=step.name[:32])
            made[step.kind] += step.ensure()
            progress.advance(task)
    wanted = Counter(step.kind for step in steps)
    return {kind: (made[kind], count) for kind, count in wanted.items()}


def load(container: Container, console: Console, count: int) -> int:
    with bar(console) as progress:
        task = progress.add_task("Loading products", total=count)
        return container.load_products()(
            count=count, progress=lambda done: progress.update(task, completed=done)
        )


def bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<32}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def summary(size: str, made: dict[str, tuple[int, int]]) -> Table:
    table = Table("", "made", "there already", title=f"Seed: {size}")
    for kind, (new, count) in made.items():
        table.add_row(kind, str(new), str(count - new))
    return table
