"""Which work wrote to what shoppers are shown, as its statements tell it."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, Engine, event

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


def noted(db: Connection) -> Collection[str]:
    """Return what this transaction changes of what is shown, known in full when it ends."""
    changed: set[str] = set()
    db.info[_CHANGED] = changed
    return changed


def _note(db: Connection, statement: Any, _many: Any, _values: Any, options: Any) -> None:
    table = options.get(WRITES)
    if table is None and getattr(statement, "is_dml", False):
        table = statement.table.name
    if (changed := SHOWN.get(table)) and _CHANGED in db.info:
        db.info[_CHANGED].add(changed)
