"""Products by the thousand, for measuring: written by COPY, and always the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine

from nexus.adapters.sql.changes import Announce
from nexus.application.ports.ready import GOODS, STOCK
from nexus.domain.locations import MAIN

BATCH = 5_000
CATEGORIES = 50
ON_HAND = 100
THRESHOLD = 5
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def _each(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_MAKERS = _each("Abay Awash Tana Rift Simien Bale Entoto")
_KINDS = _each(
    "Basket Bench Blanket Bottle Bowl Bracelet Candle Carpet Chair Clock Coat Comb Cup Cushion"
    " Drum Fan Frame Hammer Hat Jacket Jar Kettle Knife Ladder Lamp Mat Mirror Mug Necklace Pan"
    " Pen Pillow Pot Radio Ring Rope Sandal Scarf Shelf Shirt Shovel Spoon Stool Table Tent Torch"
    " Towel Tray Vase Wallet"
)
# A hundred of them, so that a search for one finds one title in a hundred.
_EDITIONS = [
    f"{first}{last}"
    for first in _each("Adda Bela Cora Dala Ela Fana Gela Hawa Ila Jena")
    for last in _each("mar ben dis fal gor hin kal lem nur tas")
]
_WORDS = _each(
    "made sturdy light woven carved polished careful daily lasting honest quiet bright deep warm"
    " cool smooth rough simple rare common highland lowland river market morning evening family"
    " guest table garden kitchen workshop travel gift holiday cotton leather clay wood glass brass"
    " copper wool linen paper stone grass bamboo by hand for every house and season with patience"
    " from local hands that know their craft well enough to wait"
)
_LENGTH = 40


@dataclass(frozen=True)
class LoadProducts:
    """Have that many products of the load, each with a variant, stock and its opening movement.

    Only those that are missing are written, so an interrupted load is completed by the next.
    """

    engine: Engine
    currency: str
    announce: Announce

    def __call__(self, *, count: int, progress: Callable[[int], object]) -> int:
        """Return how many were written; tell after each batch how many there are."""
        with self.engine.connect() as borrowed:
            db = borrowed.connection.driver_connection
            if not isinstance(db, Connection):
                raise TypeError("products are loaded through psycopg alone")
            written = 0
            for begin in range(0, count, BATCH):
                end = min(begin + BATCH, count)
                with db.transaction():
                    written += self._write(db, range(begin, end))
                progress(end)
            db.autocommit = True
            db.execute("SET statement_timeout = 0")
            # The indexes of words have put off most of their work until now.
            db.execute(
                "VACUUM (ANALYZE) products, variants, product_categories, stock_items,"
                " stock_levels, categories, listings, listing_counts"
            )
            borrowed.detach()
        # What is copied goes past the statements that are watched.
        self.announce((GOODS, STOCK))
        return written

    def _write(self, db: Connection, numbers: range) -> int:
        # Losing the last batch with the power is no loss, and waiting for the disk is slow.
        db.execute("SET LOCAL synchronous_commit = off; SET LOCAL statement_timeout = 0")
        between = (product_id(numbers.start), product_id(numbers.stop))
        query = "SELECT id FROM products WHERE id >= %s AND id < %s"
        there = {id_ for (id_,) in db.execute(query, between)}
        missing = [it for it in numbers if product_id(it) not in there]
        if missing:
            _create_categories(db)
            for table, rows in _tables(missing, self.currency).items():
                _copy(db, table, *rows)
        return len(missing)


def product_id(number: int) -> UUID:
    return _id(number, 1)


def variant_id(number: int) -> UUID:
    return _id(number, 2)


def _id(number: int, kind: int) -> UUID:
    """Return a UUIDv7 that is known by its number, and sorts by it."""
    moment = int(BEGINNING.timestamp() * 1000) + number
    return UUID(int=(moment << 80) | (7 << 76) | (2 << 62) | (kind << 48) | number)


def _category_id(number: int) -> UUID:
    return _id(number % CATEGORIES, 3)


def _create_categories(db: Connection) -> None:
    rows = [(_category_id(it), f"Load {it:02}", f"load-{it:02}") for it in range(CATEGORIES)]
    with db.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO categories (id, name, slug, path) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(id_, name, slug, f"{id_.hex}/") for id_, name, slug in rows],
        )


Rows = Iterable[Sequence[Any]]


def _tables(numbers: Sequence[int], currency: str) -> dict[str, tuple[str, Rows]]:
    return {
        "products": (
            "id name slug description short_description price_minor currency status brand tags"
            " attributes created_at updated_at",
            (_product(it, currency) for it in numbers),
        ),
        "variants": (
            "id product_id sku",
            ((variant_id(it), product_id(it), f"LOAD-{it:07}") for it in numbers),
        ),
        "product_categories": (
            "product_id category_id is_primary position",
            ((product_id(it), _category_id(it), True, 0) for it in numbers),
        ),
        "stock_items": (
            "variant_id on_hand reserved threshold low",
            ((variant_id(it), ON_HAND, 0, THRESHOLD, False) for it in numbers),
        ),
        "stock_levels": (
            "variant_id location_id on_hand reserved is_offered",
            ((variant_id(it), MAIN, ON_HAND, 0, True) for it in numbers),
        ),
        "stock_movements": (
            "id variant_id location_id on_hand_delta reserved_delta total_delta reason note"
            " created_at on_hand_after reserved_after",
            (
                (
                    _id(it, 4),
                    variant_id(it),
                    MAIN,
                    ON_HAND,
                    0,
                    ON_HAND,
                    "received",
                    "Opening stock",
                    _at(it),
                    ON_HAND,
                    0,
                )
                for it in numbers
            ),
        ),
    }


def _copy(db: Connection, table: str, columns: str, rows: Rows) -> None:
    names = SQL(", ").join(map(Identifier, columns.split()))
    statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), names)
    with db.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _product(number: int, currency: str) -> Sequence[Any]:
    maker, kind = _MAKERS[number % len(_MAKERS)], _KINDS[number // 7 % len(_KINDS)]
    edition = _EDITIONS[_mixed(number) % len(_EDITIONS)]
    description = " ".join(_words(number))
    price = 50_00 + _mixed(number + 1) % 20_000_00
    return (
        product_id(number),
        f"{maker} {edition} {kind} {number}",
        f"load-{number:07}",
        description,
        description[:80],
        price - price % 100,
        currency,
        "active",
        maker,
        [kind.lower()],
        "{}",
        _at(number),
        _at(number),
    )


def _words(number: int) -> Iterator[str]:
    for at in range(_LENGTH):
        yield _WORDS[_mixed(number * _LENGTH + at) % len(_WORDS)]


def _mixed(number: int) -> int:
    """Scatter numbers that follow each other (Knuth's multiplicative hash), the same each time."""
    return (number * 2_654_435_761 & 0xFFFF_FFFF) >> 8


def _at(number: int) -> datetime:
    return BEGINNING + timedelta(seconds=number)
