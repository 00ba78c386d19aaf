"""`nexus audit`: whether the shop's books agree with each other."""

import os

from rich.console import Console
from rich.progress import track
from rich.table import Table

from nexus.bootstrap import open_container
from nexus.entrypoints.local.shop import environment


def audit() -> bool:
    """Say of each book whether it agrees, and with what it does not; return whether all do."""
    console = Console()
    with open_container(environment(os.environ)) as container:
        books = container.books()
        found = {
            book: books.wrong(book)
            for book in track(books.names, "Reading the books", console=console, transient=True)
        }
    table = Table("book", "agrees", "not with")
    for book, wrong in found.items():
        table.add_row(book, "no" if wrong else "yes", "\n".join(wrong))
    console.print(table)
    return not any(found.values())
