"""Statements that find products, by browsing the listings or by searching for words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nexus.adapters.sql.queries.product_filters import Values, conditions, place, visible
from nexus.adapters.sql.queries.product_order import ProductOrder
from nexus.application.ports.catalog import ProductFilter
from nexus.application.ports.pages import PageWanted

# A longer list is said to be that long.
MOST_COUNTED = 10_000
# As many of what a search finds are ranked, for whoever looks no farther.
MOST_RANKED = 500
# Less than this of a kind are better looked up one by one than met along a list.
MANY = 1000

_LISTING, _PRODUCT = re.compile(r"\bl\."), re.compile(r"\bp\.")

# The words are made of the text once, and not for every product; and what is searched for may be a
# SKU, or the beginning of one, instead of words.
ASKED = f"""WITH asked AS MATERIALIZED (SELECT * FROM nexus_asked(%(search)s)),
by_sku AS MATERIALIZED (
    SELECT v.product_id AS id,
           max(CASE lower(v.sku) WHEN lower(%(search)s) THEN 9 ELSE 1 END) AS nearness
    FROM variants v
    WHERE lower(v.sku) BETWEEN lower(%(search)s COLLATE "C")
        AND lower(%(search)s COLLATE "C") || chr(1114111)
        AND (v.is_active OR %(hidden)s)
    GROUP BY v.product_id LIMIT {MOST_RANKED}
)"""


@dataclass(frozen=True, slots=True)
class Way:
    """How products are come by: from which tables, on what condition, and how well they fit."""

    tables: str
    condition: str
    relevance: str


_RANK = "ts_rank(p.search, (SELECT begun FROM asked))::float8"
_ALL = Way("products p", "true", "0")
_WHOLE = "p.search @@ (SELECT whole FROM asked)"
_BEGUN = "p.search @@ (SELECT begun && !!whole FROM asked)"
_REST = "p.id NOT IN (SELECT id FROM by_sku)"
# In turn: where enough have the very words, nobody looks for those in which the last one begins a
# longer one, which takes an index twice as long.
_SPELT = (
    Way("by_sku s JOIN products p ON p.id = s.id", "true", f"s.nearness + {_RANK}"),
    Way("products p", f"{_WHOLE} AND {_REST}", f"1 + {_RANK}"),
    Way("products p", f"{_BEGUN} AND {_REST}", _RANK),
)
_ALIKE = (
    Way(
        "coalesce(%(meant)s::tsquery, nexus_meant(%(search)s)) AS meant"
        " JOIN products p ON p.search @@ meant",
        "true",
        "ts_rank(p.search, meant)::float8",
    ),
)


@dataclass(frozen=True, slots=True)
class ProductSearch:
    """What is wanted, as SQL. `likeness` forgives how words are spelt: `meant` is what is taken for
    them, where that was found out before.

    Where any of several filters will do, `alternative` is the number of the one that is looked at.
    """

    wanted: ProductFilter
    hidden: bool
    likeness: bool = False
    meant: str | None = None
    alternative: int | None = None

    @property
    def values(self) -> Values:
        _, values = conditions(self.wanted)
        said = {"search": self.wanted.search, "meant": self.meant, "hidden": self.hidden}
        return values | said

    @property
    def is_counted(self) -> bool:
        """Tell whether a counter is kept of all that is wanted: a category, or everything."""
        parts, _ = conditions(self.wanted)
        return not (parts or self.wanted.search or self.hidden)

    @property
    def is_of_stock(self) -> bool:
        """Tell whether sales change what is found."""
        members = self.wanted.members
        filters = (self.wanted, *(members.filters if members else ()))
        return any(it.in_stock is not None for it in filters)

    @property
    def unordered(self) -> ProductFilter:
        return replace(self.wanted, ordering=())

    def page(self, order: ProductOrder, page: PageWanted, beyond: str) -> str:
        """Return a statement for the keys of one page, in order, with what is known of the count.

        That is how many were looked at, if it is enough to rank some, or a counter that is kept.
        Where neither is known there is one more, which tells that the list goes on.
        """
        offset = 0 if page.is_walk else page.offset
        near = not page.is_walk and offset + page.size <= MOST_RANKED
        ranked = near and order.is_by_relevance
        told = not page.is_walk and (ranked or self.is_counted)
        size = page.size if told else page.size + 1
        seen = "count(*) OVER ()" if ranked else self._kept_count
        skipped = f"OFFSET {offset}" if offset else ""
        in_order = f"WHERE {beyond} ORDER BY {order} LIMIT"
        if self.wanted.search:
            before, source = ASKED, self.found(order.columns, MOST_RANKED if ranked else None)
        else:
            before, source = self._first_of(order.columns, f"{in_order} {offset + size}")
        return f"""{before} SELECT {seen} AS seen, {", ".join(order.columns)}
            FROM ({source}) AS l {in_order} {size} {skipped}"""

    def _first_of(self, columns: list[str], cut: str) -> tuple[str, str]:
        """Return what goes before, and a select of what browsing finds first.

        Nobody knows beforehand how few have a tag that hardly any has, and who goes along the
        listings until a page of them is full passes by all there are. So products are looked for
        first where something is asked of them, and the listings gone along only if there are many.
        """
        probes, found = [], []
        for at, it in enumerate(self._alternatives or [self]):
            parts, _ = conditions(it.wanted, it.alternative)
            of_listings = [part for part in parts if _LISTING.search(part)]
            if len(of_listings) == len(parts):
                found.append(it._listed("listings l", columns, parts))
                continue
            asked = " AND ".join(part for part in parts if part not in of_listings)
            probes.append(f"""few_{at} AS MATERIALIZED (
                SELECT p.id FROM products p WHERE {asked} LIMIT {MANY})""")
            number = f"(SELECT count(*) FROM few_{at})"
            few = f"few_{at} JOIN listings l ON l.product_id = few_{at}.id"
            found.append(it._listed(few, columns, [*of_listings, f"{number} < {MANY}"]))
            found.append(it._listed("listings l", columns, [*parts, f"{number} = {MANY}"]))
        return f"WITH {', '.join(probes)}" if probes else "", _united(found, cut)

    @property
    def count(self) -> str:
        if self.is_counted:
            return f"SELECT coalesce({self._kept_count}, 0)"
        found = self.found(["product_id"], MOST_COUNTED)
        before = ASKED if self.wanted.search else ""
        return f"""{before} SELECT count(*)
            FROM (SELECT FROM ({found}) AS l LIMIT {MOST_COUNTED}) AS it"""

    @property
    def _kept_count(self) -> str:
        if not self.is_counted:
            return "NULL::bigint"
        return f"(SELECT l.products FROM listing_counts l WHERE {self._place})"

    @property
    def _place(self) -> str:
        return place(self.wanted, hidden=self.hidden)

    def found(self, columns: list[str], most: int | None = None) -> str:
        """Select what is asked for of all that fits, or of that many, the likeliest way first.

        Asked for may be the columns of a listing, `product_id`, `relevance`, or anything said of
        `p` or `l`.
        """
        limit = f"LIMIT {most}" if most else ""
        if not self.wanted.search:
            each = [it._browsed(columns) for it in self._alternatives or [self]]
            return f"SELECT * FROM ({_united(each, limit)}) AS l {limit}"
        ways = _ALIKE if self.likeness else _SPELT
        found = (f"({self._come_by(way, columns)} {limit})" for way in ways)
        return f"SELECT * FROM ({' UNION ALL '.join(found)}) AS l {limit}"

    @property
    def _alternatives(self) -> list[ProductSearch]:
        """Return one search for each filter of which any will do, unless words narrow them all."""
        members = self.wanted.members
        if self.wanted.search or self.alternative is not None or not (members and members.any_of):
            return []
        return [replace(self, alternative=at) for at in range(len(members.filters))]

    def _browsed(self, columns: list[str]) -> str:
        """Read listings, in order of an index, unless nothing but their products is asked for."""
        parts, _ = conditions(self.wanted, self.alternative)
        asked = " AND ".join(parts)
        of_products = not self.wanted.category and asked and not _LISTING.search(asked)
        if of_products and columns == ["product_id"]:
            return self._come_by(_ALL, columns)
        return self._listed("listings l", columns, parts)

    def _listed(self, tables: str, columns: list[str], parts: list[str]) -> str:
        seen = [] if self.hidden else ["l.is_active"]
        shown = _shown(columns, {"product_id": "l.product_id", "relevance": "0"})
        asked = " AND ".join([self._place, *seen, *parts])
        product = "JOIN products p ON p.id = l.product_id" if _PRODUCT.search(shown + asked) else ""
        return f"SELECT {shown} FROM {tables} {product} WHERE {asked}"

    def _come_by(self, way: Way, columns: list[str]) -> str:
        """Start from products, and look at their listings only where something is asked of them."""
        parts, _ = conditions(self.wanted, self.alternative)
        shown = _shown(columns, {"product_id": "p.id", "relevance": way.relevance})
        asked = " AND ".join([way.condition, visible(hidden=self.hidden), *parts])
        if not self.wanted.category and not _LISTING.search(shown + asked):
            return f"SELECT {shown} FROM {way.tables} WHERE {asked}"
        seen = "" if self.hidden else "AND l.is_active"
        listing = f"JOIN listings l ON l.product_id = p.id AND {self._place} {seen}"
        return f"SELECT {shown} FROM {way.tables} {listing} WHERE {asked}"


def _united(each: list[str], cut: str) -> str:
    """Select what any finds, each cut to what matters: an index serves one, and none all."""
    if len(each) == 1:
        return each[0]
    return " UNION ".join(f"(SELECT * FROM ({found}) AS l {cut})" for found in each)


def _shown(columns: list[str], named: dict[str, str]) -> str:
    return ", ".join(it if "." in it else f"{named.get(it, f'l.{it}')} AS {it}" for it in columns)
