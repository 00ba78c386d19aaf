"""What each filter and ordering of the product list means in SQL.

Everything is text that depends on what is asked for alone, never on the values: a statement that
comes again is the same text, which the driver has prepared already.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from nexus.adapters.sql.queries.product_rows import ON_SALE
from nexus.application.ports.catalog import ProductFilter
from nexus.domain.slugs import read_id

Values = dict[str, Any]

_ACTIVE = "p.status = 'active'"


def keyed(table: str, key: str, value: str = "key") -> str:
    """Find by id or by slug, whichever the key reads as."""
    return f"{table}.{'id' if read_id(key) else 'slug'} = %({value})s"


def visible(*, hidden: bool) -> str:
    """Nothing is asked where hidden products may be seen as well."""
    return "true" if hidden else _ACTIVE


def conditions(wanted: ProductFilter, *, hidden: bool) -> tuple[str, Values]:
    """Return what `p`, a product, must fulfil, but for the search; and the values in it."""
    parts, values = [visible(hidden=hidden)], Values()
    for name, condition in _CONDITIONS.items():
        value = getattr(wanted, name)
        if value is not None:
            parts.append(condition(value) if callable(condition) else condition)
            values[name] = getattr(value, "minor", value)
    for at, (name, value) in enumerate((wanted.attributes or {}).items()):
        asked = {f"attr_{at}_{n}": it for n, it in enumerate(_meant(name, value))}
        parts.append(_with_attribute(list(asked)))
        values |= asked
    return " AND ".join(parts), values


def _in_category(key: str) -> str:
    return f"""p.id IN (
        SELECT held.product_id FROM categories root
        JOIN categories inside ON starts_with(inside.path, root.path)
        JOIN product_categories held ON held.category_id = inside.id
        WHERE {keyed("root", key, "category")})"""


def _in_stock(wanted: bool) -> str:
    return f"""{"" if wanted else "NOT"} EXISTS (
        SELECT FROM variants v JOIN stock_items s ON s.variant_id = v.id
        WHERE v.product_id = p.id AND v.is_active AND s.on_hand > s.reserved)"""


def _on_sale(wanted: bool) -> str:
    return ON_SALE if wanted else f"NOT {ON_SALE}"


_CONDITIONS: Mapping[str, str | Callable[[Any], str]] = {
    "category": _in_category,
    "min_price": "p.price_minor >= %(min_price)s",
    "max_price": "p.price_minor <= %(max_price)s",
    "size": """p.id IN (
        SELECT v.product_id FROM variants v
        WHERE v.is_active AND v.options @> jsonb_build_object('size', %(size)s::text))""",
    "brand": "lower(p.brand) = lower(%(brand)s)",
    "tag": "p.tags @> ARRAY[%(tag)s::text]",
    "min_rating": "p.rating_average >= %(min_rating)s::numeric",
    "in_stock": _in_stock,
    "featured": lambda featured: "p.is_featured" if featured else "NOT p.is_featured",
    "on_sale": _on_sale,
    "status": "p.status = %(status)s",
    "created_after": "p.created_at > %(created_after)s",
}


def _with_attribute(names: list[str]) -> str:
    """Find the value in the product or in a variant of it, as an attribute or an option."""

    def holds(*columns: str) -> str:
        return " OR ".join(f"{column} @> %({it})s" for column in columns for it in names)

    return f"""p.id IN (
        SELECT o.id FROM products o WHERE {holds("o.attributes")}
        UNION
        SELECT v.product_id FROM variants v
        WHERE v.is_active AND ({holds("v.options", "v.attributes")}))"""


def _meant(name: str, value: str) -> Iterator[Jsonb]:
    """The value may be a text, a number or a word of a list."""
    for reading in _readings(value):
        yield Jsonb({name: reading})
        yield Jsonb({name: [reading]})


def _readings(value: str) -> list[Any]:
    """A query string does not tell a number from the text of it."""
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError:
        return [value]
    return [value, read] if isinstance(read, int | float | bool) else [value]


# Every word must be there, the last one may be a beginning; or it is a SKU or begins one.
SPELT = """(
    SELECT found.id,
        ts_rank(found.search, nexus_words(%(search)s)) + coalesce(nearness, 0) AS relevance
    FROM products found LEFT JOIN by_sku USING (id) WHERE found.id IN (
        SELECT o.id FROM products o WHERE o.search @@ nexus_words(%(search)s)
        UNION SELECT id FROM by_sku))"""
BY_SKU = """by_sku AS (
    SELECT v.product_id AS id,
        max(CASE lower(v.sku) WHEN lower(%(search)s) THEN 9 ELSE 1 END) AS nearness
    FROM variants v
    WHERE lower(v.sku) BETWEEN lower(%(search)s COLLATE "C")
        AND lower(%(search)s COLLATE "C") || chr(1114111)
    GROUP BY v.product_id)"""
ALIKE = "(SELECT product_id AS id, likeness AS relevance FROM nexus_alike(%(search)s))"


_KEYS = {
    "price": "p.price_minor",
    "name": "p.plain_name",
    "created_at": "p.created_at",
    "rating": "p.rating_average",
    "popularity": """(
        SELECT sum(s.sold) FROM variants v JOIN stock_items s ON s.variant_id = v.id
        WHERE v.product_id = p.id)""",
    # The best comes first without asking, as nobody looks for the worst.
    "relevance": "-relevance",
    "id": "p.id",
}


def order_of(wanted: ProductFilter) -> list[tuple[str, str]]:
    """Return each key with its direction.

    The id in the end makes the order total, and lets an index serve it in either direction.
    """
    wishes = wanted.ordering or (("relevance",) if wanted.search else ("-created_at",))
    if not wanted.search:
        wishes = tuple(it for it in wishes if it.lstrip("-") != "relevance") or ("-created_at",)
    wishes = (*wishes, "-id" if wishes[0].startswith("-") else "id")
    return [
        (_KEYS[it.lstrip("-")], "DESC NULLS LAST" if it.startswith("-") else "ASC NULLS LAST")
        for it in wishes
    ]
