from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    select,
)

from nexus.adapters.sql.catalog_tables import products, variants
from nexus.adapters.sql.categories import categories, keyed, product_categories
from nexus.adapters.sql.queries.product_filters import (
    conditions,
    matching,
    order_of,
    page_of,
    visible,
)
from nexus.adapters.sql.queries.product_rows import (
    DETAILS,
    detailed,
    levels,
    listed,
    listed_product,
    shown_product,
    variant_of,
)
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.catalog import (
    ListedCategory,
    ListedProduct,
    ProductFilter,
    ShownProduct,
    ShownVariant,
)
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import ProductNotFound, ProductStatus, VariantNotFound
from nexus.domain.categories import CategoryNotFound


class SqlCatalogQueries(SqlQueries):
    def categories(self, *, hidden: bool) -> Sequence[ListedCategory]:
        query = _categories(hidden).order_by(categories.c.position, categories.c.name)
        return [ListedCategory(*tuple(row)) for row in self._all(query)]

    def category(self, key: str, *, hidden: bool) -> ListedCategory:
        row = self._first(_categories(hidden).where(keyed(categories, key)))
        if row is None:
            raise CategoryNotFound(key)
        return ListedCategory(*tuple(row))

    def products(
        self, wanted: ProductFilter, page: PageWanted, *, hidden: bool
    ) -> Page[ListedProduct]:
        found, count = self._matching(wanted, hidden)
        if count <= page.offset:
            return Page((), count)
        cut = page_of(wanted, found, page)
        rows = self._all(listed(cut).order_by(*order_of(wanted, cut)))
        return Page(tuple(listed_product(row) for row in rows), count)

    def _matching(self, wanted: ProductFilter, hidden: bool) -> tuple[Select[Any], int]:
        """Find by the words as they are spelt; only if there are none, by likeness."""
        every = (*visible(hidden=hidden), *conditions(wanted))
        for likeness in (False, True) if wanted.search else (False,):
            found = matching(wanted, likeness=likeness).where(*every)
            row = self._first(select(func.count()).select_from(found.subquery()))
            if count := row[0] if row else 0:
                break
        return found, count

    def product(self, key: str, *, hidden: bool) -> ShownProduct:
        one = select(*DETAILS).where(keyed(products, key), *visible(hidden=hidden))
        row = self._first(detailed(one.subquery("page")))
        if row is None:
            raise ProductNotFound(key)
        shown = [variant_of(it) for it in self._variants(variants.c.product_id == row.id, hidden)]
        return shown_product(row, shown)

    def variants_of(self, key: str, *, hidden: bool) -> Sequence[ShownVariant]:
        rows = self._variants(keyed(products, key), hidden)
        if not rows:
            self._require(key, hidden)
        return [variant_of(row) for row in rows]

    def _require(self, key: str, hidden: bool) -> None:
        """Tell a product with nothing to sell from none at all."""
        query = select(products.c.id).where(keyed(products, key), *visible(hidden=hidden))
        if self._first(query) is None:
            raise ProductNotFound(key)

    def variant(self, variant_id: UUID, *, hidden: bool) -> ShownVariant:
        rows = self._variants(variants.c.id == variant_id, hidden)
        if not rows:
            raise VariantNotFound(variant_id)
        return variant_of(rows[0])

    def _variants(self, condition: ColumnElement[bool], hidden: bool) -> Sequence[Any]:
        query = (
            select(variants, products.c.currency, *levels())
            .select_from(variants.join(products).outerjoin(stock_items))
            .where(condition, *visible(hidden=hidden))
            .order_by(variants.c.position, variants.c.id)
        )
        return self._all(query if hidden else query.where(variants.c.is_active))


def _categories(hidden: bool) -> Select[Any]:
    """Each with the number of active products in it and below; hidden if anything above it is."""
    above, below = categories.alias("above"), categories.alias("below")
    inside = (
        select(func.count(product_categories.c.product_id.distinct()))
        .select_from(
            below.join(product_categories, product_categories.c.category_id == below.c.id).join(
                products, products.c.id == product_categories.c.product_id
            )
        )
        .where(
            func.starts_with(below.c.path, categories.c.path),
            products.c.status == ProductStatus.ACTIVE,
        )
        .correlate(categories)
    )
    c = categories.c
    query = select(
        c.id,
        c.name,
        c.slug,
        c.description,
        c.parent_id,
        c.image_url,
        c.position,
        c.is_active,
        inside.scalar_subquery(),
        c.meta_title,
        c.meta_description,
        c.version,
    )
    shut = select(above.c.id).where(
        func.starts_with(c.path, above.c.path), above.c.is_active.is_(False)
    )
    return query if hidden else query.where(~shut.correlate(categories).exists())
