from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from nexus.adapters.kept_counts import KeptCounts
from nexus.adapters.sql.queries.collection_rules import with_members
from nexus.adapters.sql.queries.product_filters import OPEN, keyed, visible
from nexus.adapters.sql.queries.product_order import order_of
from nexus.adapters.sql.queries.product_rows import (
    BESIDE,
    CATEGORY,
    LISTED,
    SHOWN,
    VARIANT,
    document,
)
from nexus.adapters.sql.queries.product_search import MOST_RANKED, ProductSearch
from nexus.adapters.sql.queries.reading import IllustratedQueries
from nexus.application.ports.catalog import (
    ListedCategory,
    ListedProduct,
    ProductFilter,
    ShownProduct,
    ShownVariant,
)
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import ProductNotFound, VariantNotFound
from nexus.domain.categories import CategoryNotFound

# Each with the number of active products in it and below; hidden if anything above it is.
_CATEGORIES = f"""
    SELECT c.id, c.slug, c.parent_id, c.version, {document(CATEGORY)}::text
    FROM categories c LEFT JOIN listing_counts inside ON inside.category_id = c.id
    WHERE {OPEN}"""
_VARIANTS = f"""
    SELECT v.id, v.version, {document(VARIANT)}::text
    FROM variants v JOIN products p ON p.id = v.product_id
    LEFT JOIN stock_items s ON s.variant_id = v.id
    WHERE (v.is_active OR %(hidden)s)"""
_MEANT = "SELECT nexus_meant(%(search)s)::text"
_LISTED = f"{document(LISTED)}::text"
_PRODUCT = f"SELECT p.id, p.version, {document(SHOWN)}::text FROM products p {BESIDE}"


class SqlCatalogQueries(IllustratedQueries):
    def __init__(self, engine: Engine, *, media: str, counts: KeptCounts) -> None:
        super().__init__(engine, media=media)
        self._counts = counts

    def categories(self, *, hidden: bool) -> Sequence[ListedCategory]:
        rows = self._told(f"{_CATEGORIES} ORDER BY c.position, c.name", hidden=hidden)
        return [ListedCategory(*row) for row in rows]

    def category(self, key: str, *, hidden: bool) -> ListedCategory:
        sql = f"{_CATEGORIES} AND {keyed('c', key)}"
        for row in self._told(sql, key=key, hidden=hidden):
            return ListedCategory(*row)
        raise CategoryNotFound(key)

    def products(
        self, wanted: ProductFilter, page: PageWanted, *, hidden: bool
    ) -> Page[ListedProduct]:
        """Find by the words as they are spelt; only if there are none, by likeness.

        A walk goes on with what was taken for the words when it began, though the shop may have
        come to know others by now.
        """
        wanted = with_members(self._told, wanted, hidden=hidden)
        if wanted.search and page.after:
            *after, told = page.after
            meant = str(told) if told else None
            search = ProductSearch(wanted, hidden, likeness=bool(meant), meant=meant)
            return self._page_of(search, replace(page, after=tuple(after)))
        found = self._page_of(ProductSearch(wanted, hidden), page)
        if wanted.search and not found.items and not found.count:
            ((meant,),) = self._told(_MEANT, search=wanted.search)
            search = ProductSearch(wanted, hidden, likeness=True, meant=meant)
            return self._page_of(search, page)
        return found

    def _page_of(self, search: ProductSearch, page: PageWanted) -> Page[ListedProduct]:
        rows = self._found(search, page)
        shown = tuple(ListedProduct(row[0]) for row in rows[: page.size])
        way = (search.meant,) if search.wanted.search else ()
        last = (*rows[page.size - 1][2:], *way) if len(rows) > page.size else None
        return Page(shown, None if page.is_walk else self._number(search, page, rows), last)

    def _found(self, search: ProductSearch, page: PageWanted) -> list[tuple[Any, ...]]:
        """Return the document of each of a page, how many were seen, and its keys if it is a walk.

        There is one more than asked for if the list goes on, unless how many there are is told.
        """
        order = order_of(search.wanted)
        beyond, after = order.beyond(page.after or ())
        found = search.page(order, page, beyond)
        keys = "".join(f", page.{it}" for it in order.columns) if page.is_walk else ""
        sql = f"""
            WITH page AS ({found}) SELECT {_LISTED}, page.seen{keys}
            FROM page JOIN products p ON p.id = page.product_id {BESIDE}
            ORDER BY {order.of("page.")}"""
        return self._told(sql, **search.values, **after)

    def _number(self, search: ProductSearch, page: PageWanted, rows: list[Any]) -> int:
        """Count what is found, unless the end is in sight."""
        seen = rows[0][1] if rows else None
        if seen and (search.is_counted or seen < MOST_RANKED):
            return int(seen)
        if seen is None and len(rows) <= page.size and (rows or page.number == 1):
            return page.offset + len(rows)
        if search.hidden:
            return self._count_of(search)
        kept = self._counts(
            repr((search.unordered, search.likeness)),
            lambda: self._count_of(search),
            of_stock=search.is_of_stock,
        )
        return max(kept, seen or 0)

    def _count_of(self, search: ProductSearch) -> int:
        return int(self._told(search.count, **search.values)[0][0])

    def product(self, key: str, *, hidden: bool) -> ShownProduct:
        sql = f"{_PRODUCT} WHERE {keyed('p', key)} AND {visible(hidden=hidden)}"
        for row in self._told(sql, key=key, hidden=hidden):
            return ShownProduct(*row)
        raise ProductNotFound(key)

    def variants_of(self, key: str, *, hidden: bool) -> Sequence[ShownVariant]:
        sql = f"{_VARIANTS} AND {keyed('p', key)} AND {visible(hidden=hidden)}"
        rows = self._told(f"{sql} ORDER BY v.position, v.id", key=key, hidden=hidden)
        if not rows:
            self._require(key, hidden)
        return [ShownVariant(*row) for row in rows]

    def _require(self, key: str, hidden: bool) -> None:
        """Tell a product with nothing to sell from none at all."""
        sql = f"SELECT p.id FROM products p WHERE {keyed('p', key)} AND {visible(hidden=hidden)}"
        if not self._told(sql, key=key):
            raise ProductNotFound(key)

    def variant(self, variant_id: UUID, *, hidden: bool) -> ShownVariant:
        sql = f"{_VARIANTS} AND v.id = %(id)s AND {visible(hidden=hidden)}"
        for row in self._told(sql, id=variant_id, hidden=hidden):
            return ShownVariant(*row)
        raise VariantNotFound(variant_id)
