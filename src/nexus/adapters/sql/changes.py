"""Which work wrote to what shoppers are shown, as its statements tell it."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from nexus.adapters.sql.errors import DatabaseUnavailable
from nexus.application.ports.ready import GOODS, STOCK

Announce = Callable[[Collection[str]], None]

# A statement that is text names its table in this option.
WRITES = "nexus_writes"
SHOWN = {
    "categories": GOODS,
    "products": GOODS,
    "product_categories": GOODS,
    "product_images": GOODS,
    "variants": GOODS,
    "collections": GOODS,
    "collection_products": GOODS,
    "stock_items": STOCK,
}
_CHANGED = "nexus.changed"


def watch(engine: Engine) -> Engine:
    """Have every connection of the engine note which of the SHOWN it writes to."""
    event.listen(engine, "before_execute", _note)
    return engine


@contextmanager
def announced(announce: Announce) -> Iterator[set[str]]:
    """Announce what is noted in this set once the block has ended, and so been committed.

    When the database is lost meanwhile, nobody knows whether it was committed or not.
    """
    changed: set[str] = set()
    try:
        yield changed
    except DatabaseUnavailable:
        if changed:
            announce(changed)
        raise
    if changed:
        announce(changed)


def note(db: Connection, changed: set[str]) -> None:
    """Have this transaction note there what it changes of what is shown."""
    db.info[_CHANGED] = changed


def _note(db: Connection, statement: Any, _many: Any, _values: Any, options: Any) -> None:
    table = options.get(WRITES)
    if table is None and getattr(statement, "is_dml", False):
        table = statement.table.name
    if (changed := SHOWN.get(table)) and _CHANGED in db.info:
        db.info[_CHANGED].add(changed)
