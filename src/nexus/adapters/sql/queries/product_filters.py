"""What each filter and ordering of the product list means in SQL."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Subquery,
    cast,
    func,
    literal,
    or_,
    select,
    union,
)

from nexus.adapters.sql.catalog_tables import products, variants
from nexus.adapters.sql.categories import categories, keyed, product_categories
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.catalog import ProductFilter
from nexus.application.ports.pages import PageWanted
from nexus.domain.catalog import ProductStatus

_WORD = re.compile(r"[^\W_]+")
_LISTED = [it for it in products.c if it.name not in ("search", "description")]


def visible(*, hidden: bool) -> list[ColumnElement[bool]]:
    """Nothing more is asked where hidden products may be seen as well."""
    return [] if hidden else [products.c.status == ProductStatus.ACTIVE]


def matching(wanted: ProductFilter, *, likeness: bool) -> Select[Any]:
    """Select products with their relevance to the search, if there is one."""
    if not wanted.search:
        return select(*_LISTED, literal(0).label("relevance"))
    if likeness:
        alike = func.nexus_alike(wanted.search).table_valued("product_id", "likeness")
        query = select(*_LISTED, alike.c.likeness.label("relevance"))
        return query.join(alike, alike.c.product_id == products.c.id)
    return _spelt(wanted.search)


def _spelt(search: str) -> Select[Any]:
    """Every word must be there, the last one may be a beginning; or it begins a SKU."""
    words = " & ".join(_WORD.findall(search))
    query = func.to_tsquery("nexus", f"{words}:*" if words else "")
    sku = func.lower(variants.c.sku).startswith(search.lower(), autoescape=True)
    by_sku = select(variants.c.product_id).where(sku)
    by_words = select(products.c.id).where(products.c.search.op("@@")(query))
    relevance = func.ts_rank(products.c.search, query) + cast(products.c.id.in_(by_sku), Integer)
    found = products.c.id.in_(union(by_words, by_sku))
    return select(*_LISTED, relevance.label("relevance")).where(found)


def conditions(wanted: ProductFilter) -> Iterator[ColumnElement[bool]]:
    """Give a condition for each thing that is asked for."""
    for name, condition in _CONDITIONS.items():
        value = getattr(wanted, name)
        if value is not None:
            yield condition(value)
    for name, value in (wanted.attributes or {}).items():
        yield products.c.id.in_(_with_attribute(name, value))


def _in_category(key: str) -> ColumnElement[bool]:
    root = categories.alias("root")
    inside = (
        select(product_categories.c.product_id)
        .join(categories, categories.c.id == product_categories.c.category_id)
        .join(root, func.starts_with(categories.c.path, root.c.path))
        .where(keyed(root, key))
    )
    return products.c.id.in_(inside)


def _in_size(size: str) -> ColumnElement[bool]:
    fits = variants.c.is_active & variants.c.options.contains({"size": size})
    return products.c.id.in_(select(variants.c.product_id).where(fits))


def _with_attribute(name: str, value: str) -> CompoundSelect[Any]:
    """Find the value as text, number or word of a list, in the product or in a variant of it."""
    meant = [{name: it} for it in _readings(value)] + [{name: [it]} for it in _readings(value)]
    of_product = or_(*(products.c.attributes.contains(it) for it in meant))
    columns = (variants.c.options, variants.c.attributes)
    of_variant = or_(*(column.contains(it) for column in columns for it in meant))
    return union(
        select(products.c.id).where(of_product),
        select(variants.c.product_id).where(variants.c.is_active, of_variant),
    )


def _readings(value: str) -> list[Any]:
    """A query string does not tell a number from the text of it."""
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError:
        return [value]
    return [value, read] if isinstance(read, int | float | bool) else [value]


def _in_stock(wanted: bool) -> ColumnElement[bool]:
    left = (
        select(variants.c.id)
        .join(stock_items)
        .where(
            variants.c.product_id == products.c.id,
            variants.c.is_active,
            stock_items.c.on_hand > stock_items.c.reserved,
        )
        .correlate(products)
        .exists()
    )
    return left if wanted else ~left


def _on_sale(wanted: bool) -> ColumnElement[bool]:
    reduced = func.coalesce(products.c.compare_at_minor > products.c.price_minor, False)
    return reduced.is_(wanted)


_CONDITIONS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "category": _in_category,
    "min_price": lambda price: products.c.price_minor >= price.minor,
    "max_price": lambda price: products.c.price_minor <= price.minor,
    "size": _in_size,
    "brand": lambda brand: func.lower(products.c.brand) == func.lower(brand),
    "tag": lambda tag: products.c.tags.contains([tag]),
    "min_rating": lambda rating: products.c.rating_average >= rating,
    "in_stock": _in_stock,
    "featured": lambda featured: products.c.is_featured.is_(featured),
    "on_sale": _on_sale,
    "status": lambda status: products.c.status == status,
    "created_after": lambda moment: products.c.created_at > moment,
}


def _sold() -> ColumnElement[Any]:
    mine = select(func.sum(stock_items.c.sold)).select_from(variants.join(stock_items))
    return mine.where(variants.c.product_id == products.c.id).correlate(products).scalar_subquery()


def page_of(wanted: ProductFilter, found: Select[Any], page: PageWanted) -> Subquery:
    """Cut the page out of what was found, in order; its `key_…` columns sort it again."""
    keys = _keys(wanted, found)
    cut = found.add_columns(*(key.label(f"key_{at}") for at, (key, _) in enumerate(keys)))
    ordered = cut.order_by(*(_directed(key, falling) for key, falling in keys))
    return ordered.limit(page.size).offset(page.offset).subquery("page")


def order_of(wanted: ProductFilter, page: FromClause) -> list[ColumnElement[Any]]:
    wishes = enumerate(_wishes(wanted))
    return [_directed(page.c[f"key_{at}"], it.startswith("-")) for at, it in wishes]


def _directed(key: ColumnElement[Any], falling: bool) -> ColumnElement[Any]:
    return key.desc().nulls_last() if falling else key.asc().nulls_last()


def _wishes(wanted: ProductFilter) -> tuple[str, ...]:
    """The id in the end makes the order total, and lets an index serve it in either direction."""
    wishes = wanted.ordering or (("relevance",) if wanted.search else ("-created_at",))
    return (*wishes, "-id" if wishes[0].startswith("-") else "id")


def _keys(wanted: ProductFilter, found: Select[Any]) -> list[tuple[ColumnElement[Any], bool]]:
    columns: Mapping[str, Callable[[], ColumnElement[Any]]] = {
        "price": lambda: products.c.price_minor,
        "name": lambda: func.lower(products.c.name),
        "created_at": lambda: products.c.created_at,
        "rating": lambda: products.c.rating_average,
        "popularity": _sold,
        # The best comes first without asking, as nobody looks for the worst.
        "relevance": lambda: -found.selected_columns.relevance,
        "id": lambda: products.c.id,
    }
    return [(columns[it.lstrip("-")](), it.startswith("-")) for it in _wishes(wanted)]
