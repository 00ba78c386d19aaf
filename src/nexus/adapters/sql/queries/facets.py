"""How many products each further filter would leave, all counted in one statement.

What has been chosen in a facet does not narrow that facet itself, so that it shows what could be
chosen instead: it is counted in a set of its own, and all others in the set of what is wanted.

The work is bounded: of a set with more than MOST_LOOKED_AT products that many are counted. For
categories counters are kept, so that they are right however much there is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nexus.adapters.sql.listings import EVERYTHING
from nexus.adapters.sql.queries.product_filters import Values
from nexus.adapters.sql.queries.product_search import ASKED, ProductSearch
from nexus.application.ports.catalog import ProductFilter

MOST_LOOKED_AT = 50_000
MOST_VALUES = 50
MOST_ATTRIBUTES = 30
LONGEST_VALUE = 100
ATTRIBUTE = "attr."

# From 10.00 on, each step about twice the one before: they stay where they are for every list.
_STEPS = [digit * 10**power for power in range(3, 9) for digit in (1, 2, 5)]
_COLUMNS = [
    *("product_id", "price_minor", "rating", "in_stock", "on_sale", "is_featured"),
    *("p.brand", "p.attributes"),
]

_VALUE = "json_build_object('value', {value}, 'label', {label}, 'count', count) AS shown"
_PLAIN = _VALUE.format(value="value", label="value")

_CATEGORY = """
    SELECT json_build_object('value', c.slug, 'label', c.name, 'count', count) AS shown,
        0 AS position, count, c.slug AS value
    FROM ({found}) AS it JOIN categories c ON c.id = it.category_id
    WHERE NOT EXISTS (
        SELECT FROM categories above
        WHERE starts_with(c.path, above.path) AND NOT above.is_active)"""
_IN_CATEGORIES = f"""
    SELECT l.category_id, count(*) FROM {{found}} JOIN listings l USING (product_id)
    WHERE l.category_id <> '{EVERYTHING}' GROUP BY l.category_id"""
_KEPT_COUNTS = "SELECT category_id, products AS count FROM listing_counts WHERE products > 0"
_BRAND = f"""
    SELECT {_PLAIN}, 0 AS position, count, value FROM (
        SELECT min(brand) AS value, count(*) FROM {{found}} WHERE brand <> '' GROUP BY lower(brand)
    ) AS it"""
_SIZE = f"""
    SELECT {_PLAIN}, 0 AS position, count, value FROM (
        SELECT v.options ->> 'size' AS value, count(DISTINCT product_id)
        FROM {{found}} JOIN variants v USING (product_id)
        WHERE v.is_active AND jsonb_typeof(v.options -> 'size') = 'string' GROUP BY 1
    ) AS it"""
_PRICE = f"""
    SELECT json_build_object('value', concat_ws('-', least, most), 'label',
            concat(least, ' – ', most), 'count', count, 'min_price', least, 'max_price', most),
        band AS position, count, least AS value
    FROM (
        SELECT width_bucket(price_minor, steps) AS band, count(*),
            nexus_money(coalesce(steps[width_bucket(price_minor, steps)], 0), %(currency)s)
                AS least,
            nexus_money(steps[width_bucket(price_minor, steps) + 1] - 1, %(currency)s) AS most
        FROM {{found}}, (SELECT ARRAY{_STEPS}::bigint[] AS steps) AS scale GROUP BY 1, 3, 4
    ) AS it"""
_RATING = f"""
    SELECT {_VALUE.format(value="stars::text", label="stars || '+'")}, -stars AS position, count,
        stars::text AS value
    FROM (
        SELECT stars, count(*) FROM generate_series(1, 4) AS stars JOIN {{found}} ON rating >= stars
        GROUP BY stars
    ) AS it"""
_FLAG = f"""
    SELECT {_PLAIN}, 0 AS position, count, value FROM (
        SELECT {{column}}::text AS value, count(*) FROM {{found}} GROUP BY 1
    ) AS it"""
_ATTRIBUTES = f"""
    SELECT '{ATTRIBUTE}' || name AS name, {_PLAIN}, 0 AS position, count, value FROM (
        SELECT name, value, count(DISTINCT product_id) FROM (
            SELECT product_id, its.key AS name, each.word AS value
            FROM (
                SELECT product_id, attributes AS told FROM {{found}}
                WHERE attributes <> '{{{{}}}}'
                UNION ALL
                SELECT product_id, told FROM {{found}}
                JOIN variants v USING (product_id), unnest(ARRAY[v.options, v.attributes]) AS told
                WHERE v.is_active AND told <> '{{{{}}}}'
            ) AS it, jsonb_each(told) AS its, nexus_scalars(its.value) AS each (word)
        ) AS it
        WHERE {{names}} AND length(value) BETWEEN 1 AND {LONGEST_VALUE} GROUP BY name, value
    ) AS it"""


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is the parameter that chooses a value of it; `filters` are what it sets."""

    name: str
    sql: str
    filters: tuple[str, ...]


_FACETS = (
    Facet("category", _CATEGORY, ("category",)),
    Facet("brand", _BRAND, ("brand",)),
    Facet("size", _SIZE, ("size",)),
    Facet("price", _PRICE, ("min_price", "max_price")),
    Facet("min_rating", _RATING, ("min_rating",)),
    *(
        Facet(name, _FLAG.replace("{column}", column), (name,))
        for name, column in {
            "in_stock": "in_stock",
            "on_sale": "on_sale",
            "featured": "is_featured",
        }.items()
    ),
)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """The one statement that counts all facets of what is wanted."""

    wanted: ProductFilter
    hidden: bool

    @property
    def values(self) -> Values:
        chosen = {f"name_{at}": name for at, name in enumerate(self.wanted.attributes or {})}
        return ProductSearch(self.wanted, self.hidden).values | chosen

    def __str__(self) -> str:
        sets, parts = dict(self._found("wanted", self.wanted)), []
        for rank, facet in enumerate(_FACETS):
            found, others = self._without(facet)
            sets |= self._found(found, others)
            counted = facet.sql.format(found=self._source(facet, found, others))
            parts.append(f"SELECT {rank} AS rank, '{facet.name}' AS name, it.* FROM ({counted}) it")
        for names, found, others in self._attributes():
            sets |= self._found(found, others)
            counted = _ATTRIBUTES.format(found=found, names=names)
            parts.append(f"SELECT {len(_FACETS)} AS rank, it.* FROM ({counted}) it")
        return _gathered(sets, parts, is_asked=bool(self.wanted.search))

    def _without(self, facet: Facet) -> tuple[str, ProductFilter]:
        """Return the name of the set that the facet is counted in, and what is wanted in it."""
        if all(getattr(self.wanted, it) is None for it in facet.filters):
            return "wanted", self.wanted
        nothing: Any = dict.fromkeys(facet.filters)
        return f"but_{facet.name}", replace(self.wanted, **nothing)

    def _source(self, facet: Facet, found: str, wanted: ProductFilter) -> str:
        if facet.name != "category":
            return found
        is_kept = ProductSearch(wanted, self.hidden).is_counted
        return _KEPT_COUNTS if is_kept else _IN_CATEGORIES.format(found=found)

    def _attributes(self) -> Iterator[tuple[str, str, ProductFilter]]:
        """Return which names are counted in which set, and what is wanted in it."""
        chosen = self.wanted.attributes or {}
        known = "".join(f" AND name <> %(name_{at})s" for at in range(len(chosen)))
        yield f"name <> 'size'{known}", "wanted", self.wanted
        for at, name in enumerate(chosen):
            others = replace(self.wanted, attributes={**chosen, name: None})
            yield f"name = %(name_{at})s", f"but_attribute_{at}", others

    def _found(self, name: str, wanted: ProductFilter) -> Iterator[tuple[str, str]]:
        """Find by the words as they are spelt; only if there are none, by likeness."""
        search = ProductSearch(wanted, self.hidden)
        spelt = search.found(_COLUMNS, MOST_LOOKED_AT)
        if not wanted.search:
            yield name, spelt
            return
        alike = replace(search, likeness=True).found(_COLUMNS, MOST_LOOKED_AT)
        nothing = f"NOT EXISTS (SELECT FROM {name}_spelt)"
        yield f"{name}_spelt", spelt
        yield (
            name,
            f"SELECT * FROM {name}_spelt UNION ALL SELECT * FROM ({alike}) AS it WHERE {nothing}",
        )


def _gathered(sets: Mapping[str, str], parts: list[str], *, is_asked: bool) -> str:
    found = ", ".join(f"{name} AS MATERIALIZED ({query})" for name, query in sets.items())
    return f"""
        {ASKED if is_asked else "WITH"} {"," if is_asked else ""} {found}, counted AS (
            SELECT *, row_number() OVER (
                PARTITION BY rank, name ORDER BY position, count DESC, value) AS place
            FROM ({" UNION ALL ".join(parts)}) AS every
        ), facets AS (
            SELECT rank, name, json_agg(shown ORDER BY place) AS shown, sum(count) AS weight
            FROM counted WHERE place <= {MOST_VALUES} GROUP BY rank, name
            ORDER BY rank, weight DESC, name LIMIT {len(_FACETS) + MOST_ATTRIBUTES}
        )
        SELECT coalesce(json_agg(json_build_object('name', name, 'values', shown)
            ORDER BY rank, weight DESC, name), '[]')::text
        FROM facets"""
