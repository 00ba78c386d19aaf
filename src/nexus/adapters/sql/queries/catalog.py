from collections.abc import Sequence
from uuid import UUID

from nexus.adapters.sql.queries.product_filters import (
    ALIKE,
    BY_SKU,
    SPELT,
    Values,
    conditions,
    keyed,
    order_of,
    visible,
)
from nexus.adapters.sql.queries.product_rows import (
    BESIDE,
    CATEGORY,
    LISTED,
    SHOWN,
    VARIANT,
    document,
)
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
    FROM categories c CROSS JOIN LATERAL (
        SELECT count(DISTINCT p.id) AS products FROM categories below
        JOIN product_categories held ON held.category_id = below.id
        JOIN products p ON p.id = held.product_id
        WHERE starts_with(below.path, c.path) AND p.status = 'active'
    ) AS inside
    WHERE (%(hidden)s OR NOT EXISTS (
        SELECT FROM categories above
        WHERE starts_with(c.path, above.path) AND NOT above.is_active))"""
_VARIANTS = f"""
    SELECT v.id, v.version, {document(VARIANT)}::text
    FROM variants v JOIN products p ON p.id = v.product_id
    LEFT JOIN stock_items s ON s.variant_id = v.id
    WHERE (v.is_active OR %(hidden)s)"""
_PRODUCT = f"SELECT p.id, p.version, {document(SHOWN)}::text FROM products p {BESIDE}"


class SqlCatalogQueries(IllustratedQueries):
    def categories(self, *, hidden: bool) -> Sequence[ListedCategory]:
        rows = self._told(f"{_CATEGORIES} ORDER BY c.position, c.name", hidden=hidden)
        return [ListedCategory(*tuple(row)) for row in rows]

    def category(self, key: str, *, hidden: bool) -> ListedCategory:
        sql = f"{_CATEGORIES} AND {keyed('c', key)}"
        for row in self._told(sql, key=key, hidden=hidden):
            return ListedCategory(*tuple(row))
        raise CategoryNotFound(key)

    def products(
        self, wanted: ProductFilter, page: PageWanted, *, hidden: bool
    ) -> Page[ListedProduct]:
        """Find by the words as they are spelt; only if there are none, by likeness."""
        asked, values = conditions(wanted, hidden=hidden)
        values["search"] = wanted.search
        for found in (SPELT, ALIKE) if wanted.search else ("",):
            source = _source(found, asked)
            (count,) = self._told(f"{_with(found)} SELECT count(*) {source}", **values)[0]
            if count > page.offset:
                return Page(self._cut(wanted, page, found, source, values), count)
            if count:
                break
        return Page((), count)

    def _cut(
        self, wanted: ProductFilter, page: PageWanted, found: str, source: str, values: Values
    ) -> tuple[ListedProduct, ...]:
        order = order_of(wanted)
        keys = ", ".join(f"{key} AS key_{at}" for at, (key, _) in enumerate(order))
        turn = ", ".join(f"key_{at} {direction}" for at, (_, direction) in enumerate(order))
        with_ = f"{_with(found)}," if found else "WITH"
        sql = f"""
            {with_} page AS (
                SELECT p.id AS page_id, {keys} {source}
                ORDER BY {turn} LIMIT {page.size} OFFSET {page.offset}
            )
            SELECT p.id, {document(LISTED)}::text
            FROM page JOIN products p ON p.id = page_id {BESIDE} ORDER BY {turn}"""
        return tuple(ListedProduct(*tuple(row)) for row in self._told(sql, **values))

    def product(self, key: str, *, hidden: bool) -> ShownProduct:
        sql = f"{_PRODUCT} WHERE {keyed('p', key)} AND {visible(hidden=hidden)}"
        for row in self._told(sql, key=key, hidden=hidden):
            return ShownProduct(*tuple(row))
        raise ProductNotFound(key)

    def variants_of(self, key: str, *, hidden: bool) -> Sequence[ShownVariant]:
        sql = f"{_VARIANTS} AND {keyed('p', key)} AND {visible(hidden=hidden)}"
        rows = self._told(f"{sql} ORDER BY v.position, v.id", key=key, hidden=hidden)
        if not rows:
            self._require(key, hidden)
        return [ShownVariant(*tuple(row)) for row in rows]

    def _require(self, key: str, hidden: bool) -> None:
        """Tell a product with nothing to sell from none at all."""
        sql = f"SELECT p.id FROM products p WHERE {keyed('p', key)} AND {visible(hidden=hidden)}"
        if not self._told(sql, key=key):
            raise ProductNotFound(key)

    def variant(self, variant_id: UUID, *, hidden: bool) -> ShownVariant:
        sql = f"{_VARIANTS} AND v.id = %(id)s AND {visible(hidden=hidden)}"
        for row in self._told(sql, id=variant_id, hidden=hidden):
            return ShownVariant(*tuple(row))
        raise VariantNotFound(variant_id)


def _with(found: str) -> str:
    return f"WITH {BY_SKU}, found AS {found}" if found else ""


def _source(found: str, asked: str) -> str:
    return f"FROM products p {'JOIN found USING (id)' if found else ''} WHERE {asked}"
