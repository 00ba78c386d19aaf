"""What each filter of the product list means in SQL.

`l` is a listing, `p` its product. Everything is text that depends on what is asked for alone,
never on the values: a statement that comes again is the same text, which the driver has prepared.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from nexus.adapters.sql.listings import EVERYTHING
from nexus.application.ports.catalog import Members, ProductFilter
from nexus.domain.catalog import ProductStatus
from nexus.domain.slugs import read_id

Values = dict[str, Any]
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_CHOSEN = """p.id IN (
    SELECT held.product_id FROM collection_products held WHERE held.collection_id = %(chosen)s)"""
Condition = str | Callable[[Any], str]


def keyed(table: str, key: str, value: str = "key") -> str:
    """Find by id or by slug, whichever the key reads as."""
    return f"{table}.{'id' if read_id(key) else 'slug'} = %({value})s"


def visible(*, hidden: bool) -> str:
    """Nothing is asked where hidden products may be seen as well."""
    return "true" if hidden else "p.status = 'active'"


# Those that are inactive, and all below them: looked up once for a statement.
_CLOSED = """SELECT below.id FROM categories above
    JOIN categories below ON starts_with(below.path, above.path) WHERE NOT above.is_active"""
# Whether a category may be seen, by whom `%(hidden)s` tells of.
OPEN = f"(%(hidden)s OR c.id NOT IN ({_CLOSED}))"


def place(wanted: ProductFilter, *, hidden: bool, listing: str = "l") -> str:
    """Return which of a product's listings is meant; none where the category is not to be seen."""
    if wanted.category is None:
        return f"{listing}.category_id = '{EVERYTHING}'"
    one = keyed("c", wanted.category, "category")
    seen = "" if hidden else f" AND c.id NOT IN ({_CLOSED})"
    return f"{listing}.category_id = (SELECT c.id FROM categories c WHERE {one}{seen})"


def conditions(wanted: ProductFilter, alternative: int | None = None) -> tuple[list[str], Values]:
    """Return all that is asked but for search and category, and the values in it.

    Of members that fit any of several filters, those that fit one of them if it is numbered.
    """
    parts, values = [], Values(category=wanted.category)
    for name, condition in _CONDITIONS.items():
        value = getattr(wanted, name)
        if value is not None:
            parts.append(condition(value) if callable(condition) else condition)
            values[name] = getattr(value, "minor", value)
    for at, (name, value) in enumerate((wanted.attributes or {}).items()):
        if value is None:
            continue
        asked = {f"attr_{at}_{n}": it for n, it in enumerate(_meant(name, value))}
        parts.append(_with_attribute(list(asked)))
        values |= asked
    if wanted.members:
        belonging, more = _membership(wanted.members, alternative)
        parts += belonging
        values |= more
    return parts, values


def _membership(members: Members, alternative: int | None) -> tuple[list[str], Values]:
    if members.chosen:
        return [_CHOSEN], {"chosen": members.chosen}
    if not members.filters:
        return ["false"], {}
    told = [_conditions_of(f"rule_{at}_", it) for at, it in enumerate(members.filters)]
    if alternative is not None:
        return told[alternative]
    values = {name: value for _, each in told for name, value in each.items()}
    if members.any_of:
        joined = (f"({' AND '.join(parts)})" for parts, _ in told)
        return [f"({' OR '.join(joined)})"], values
    return [part for parts, _ in told for part in parts], values


def _conditions_of(prefix: str, one: ProductFilter) -> tuple[list[str], Values]:
    """Return what one filter of several asks for; the values of each have names of their own."""
    parts, values = conditions(one)
    if one.category:
        inside = place(one, hidden=True, listing="inside")
        parts.append(f"p.id IN (SELECT inside.product_id FROM listings inside WHERE {inside})")
    named = [_PLACEHOLDER.sub(rf"%({prefix}\1)s", it) for it in parts]
    return named, {f"{prefix}{name}": value for name, value in values.items()}


def _flag(column: str) -> Condition:
    return lambda wanted: column if wanted else f"NOT {column}"


def _status(status: ProductStatus) -> str:
    active = status is ProductStatus.ACTIVE
    return "l.is_active" if active else "NOT l.is_active AND p.status = %(status)s"


_CONDITIONS: Mapping[str, Condition] = {
    "min_price": "l.price_minor >= %(min_price)s",
    "max_price": "l.price_minor <= %(max_price)s",
    "min_rating": "l.rating >= %(min_rating)s::numeric",
    "created_after": "l.created_at > %(created_after)s",
    "in_stock": _flag("l.in_stock"),
    "featured": _flag("l.is_featured"),
    "on_sale": _flag("l.on_sale"),
    "status": _status,
    "brand": "lower(p.brand) = lower(%(brand)s)",
    "tag": "p.tags @> ARRAY[%(tag)s::text]",
    "size": """p.id IN (
        SELECT v.product_id FROM variants v
        WHERE v.is_active AND v.options @> jsonb_build_object('size', %(size)s::text))""",
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
