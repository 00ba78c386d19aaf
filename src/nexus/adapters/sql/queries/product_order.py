"""In what order products are listed, and what comes after one of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from nexus.adapters.sql.queries.product_filters import Values
from nexus.application.ports.catalog import ProductFilter
from nexus.application.ports.pages import Keys
from nexus.domain.shared import invalid

_COLUMNS = {
    "price": "price_minor",
    "name": "plain_name",
    "created_at": "created_at",
    "rating": "rating",
    "popularity": "sold",
    "relevance": "relevance",
    "id": "product_id",
}


@dataclass(frozen=True, slots=True)
class ProductOrder:
    """A total order of columns that are never null, each with whether it is falling."""

    keys: tuple[tuple[str, bool], ...]

    @property
    def columns(self) -> list[str]:
        return [column for column, _ in self.keys]

    @property
    def is_by_relevance(self) -> bool:
        return self.columns[0] == "relevance"

    def __str__(self) -> str:
        return self.of("")

    def of(self, table: str) -> str:
        """Return it for columns of a table, whose name ends with a dot."""
        each = (f"{table}{column}{' DESC' if falling else ''}" for column, falling in self.keys)
        return ", ".join(each)

    def beyond(self, after: Keys) -> tuple[str, Values]:
        """Return the condition for what comes after the row of these keys; everything after none.

        Where all go one way it is a comparison of rows, which begins in the index where the row
        stands; where they do not, the first key alone says where to begin.
        """
        if not after:
            return "true", {}
        if len(after) != len(self.keys):
            # The list has got another order since the cursor was given.
            raise invalid("cursor", "No longer a cursor of this list.")
        values = {f"after_{at}": value for at, value in enumerate(after)}
        there = [f"%({name})s" for name in values]
        if len({falling for _, falling in self.keys}) == 1:
            sign = _sign(self.keys[0][1])
            return f"({', '.join(self.columns)}) {sign} ({', '.join(there)})", values
        first, falling = self.keys[0]
        begin = f"{first} {_sign(falling)}= {there[0]}"
        return f"{begin} AND ({' OR '.join(self._later(there))})", values

    def _later(self, there: list[str]) -> Iterator[str]:
        """Of each key in turn: all before it equal, and it beyond."""
        equal: list[str] = []
        for (column, falling), value in zip(self.keys, there, strict=True):
            yield f"({' AND '.join([*equal, f'{column} {_sign(falling)} {value}'])})"
            equal.append(f"{column} = {value}")


def _sign(falling: bool) -> str:
    return "<" if falling else ">"


def order_of(wanted: ProductFilter) -> ProductOrder:
    """The id in the end goes the way of the first key, so that one index serves both directions."""
    asked = wanted.ordering
    if not wanted.search:
        asked = tuple(it for it in asked if it.removeprefix("-") != "relevance")
    asked = asked or (("relevance",) if wanted.search else ("-created_at",))
    keys = [_key(it) for it in asked]
    return ProductOrder((*keys, (_COLUMNS["id"], keys[0][1])))


def _key(asked: str) -> tuple[str, bool]:
    """The best comes first without asking, as nobody looks for the worst."""
    name, falling = asked.removeprefix("-"), asked.startswith("-")
    return _COLUMNS[name], falling != (name == "relevance")
