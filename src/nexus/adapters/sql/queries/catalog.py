from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    func,
    lateral,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from nexus.adapters.sql.catalog_tables import product_images, products, variants
from nexus.adapters.sql.categories import categories, keyed, product_categories
from nexus.adapters.sql.queries.product_filters import (
    conditions,
    matching,
    order_of,
    page_of,
    visible,
)
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.catalog import (
    MEDIA,
    ListedCategory,
    ListedProduct,
    NamedCategory,
    ProductFilter,
    ShownProduct,
    ShownVariant,
)
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import CategoryNotFound, ProductNotFound, ProductStatus, VariantNotFound
from nexus.domain.shared import Money

_DETAILS = [it for it in products.c if it.name != "search"]


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
        rows = self._all(_listed(cut).order_by(*order_of(wanted, cut)))
        return Page(tuple(ListedProduct(**_facts(row)) for row in rows), count)

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
        one = select(*_DETAILS).where(keyed(products, key), *visible(hidden=hidden))
        row = self._first(_detailed(one.subquery("page")))
        if row is None:
            raise ProductNotFound(key)
        shown = [_variant(it) for it in self._variants(variants.c.product_id == row.id, hidden)]
        return ShownProduct(**_details(row), variants=shown)

    def variants_of(self, key: str, *, hidden: bool) -> Sequence[ShownVariant]:
        rows = self._variants(keyed(products, key), hidden)
        if not rows:
            self._require(key, hidden)
        return [_variant(row) for row in rows]

    def _require(self, key: str, hidden: bool) -> None:
        """Tell a product with nothing to sell from none at all."""
        query = select(products.c.id).where(keyed(products, key), *visible(hidden=hidden))
        if self._first(query) is None:
            raise ProductNotFound(key)

    def variant(self, variant_id: UUID, *, hidden: bool) -> ShownVariant:
        rows = self._variants(variants.c.id == variant_id, hidden)
        if not rows:
            raise VariantNotFound(variant_id)
        return _variant(rows[0])

    def _variants(self, condition: ColumnElement[bool], hidden: bool) -> Sequence[Any]:
        query = (
            select(variants, products.c.currency, *_levels())
            .select_from(variants.join(products).outerjoin(stock_items))
            .where(condition, *visible(hidden=hidden))
            .order_by(variants.c.position, variants.c.id)
        )
        return self._all(query if hidden else query.where(variants.c.is_active))


def _levels() -> tuple[ColumnElement[Any], ...]:
    available = stock_items.c.on_hand - stock_items.c.reserved
    return (
        func.coalesce(stock_items.c.on_hand, 0).label("stock"),
        func.coalesce(available, 0).label("available"),
        func.coalesce(stock_items.c.threshold, 0).label("low_stock_threshold"),
    )


def _variant(row: Any) -> ShownVariant:
    return ShownVariant(
        id=row.id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        price=_money(row.price_minor, row.currency),
        currency=row.currency,
        options=row.options,
        attributes=row.attributes,
        stock=row.stock,
        available=row.available,
        is_active=row.is_active,
        low_stock_threshold=row.low_stock_threshold,
        version=row.version,
    )


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


def _beside(page: FromClause) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """What stands in other tables of each product of a page: SKU, stock, category, main image."""
    mine = variants.c.product_id == page.c.id
    in_turn = (variants.c.position, variants.c.id)
    first = lateral(select(variants.c.sku).where(mine).order_by(*in_turn).limit(1), "first")
    total = func.sum(stock_items.c.on_hand).label("stock")
    left = func.sum(stock_items.c.on_hand - stock_items.c.reserved).label("available")
    shelf = lateral(
        select(total, left)
        .select_from(variants.join(stock_items))
        .where(mine, variants.c.is_active),
        "shelf",
    )
    primary = product_categories.c.is_primary & (product_categories.c.product_id == page.c.id)
    main = product_images.c.is_main & (product_images.c.product_id == page.c.id)
    source = (
        page.outerjoin(first, true())
        .outerjoin(shelf, true())
        .outerjoin(product_categories, primary)
        .outerjoin(categories, categories.c.id == product_categories.c.category_id)
        .outerjoin(product_images, main)
    )
    category = [categories.c[name].label(f"category_{name}") for name in ("id", "name", "slug")]
    return source, [
        first.c.sku,
        func.coalesce(shelf.c.stock, 0).label("stock"),
        func.coalesce(shelf.c.available, 0).label("available"),
        product_images.c.path.label("image"),
        *category,
    ]


def _listed(page: FromClause) -> Select[Any]:
    source, beside = _beside(page)
    return select(page, *beside).select_from(source)


def _detailed(page: FromClause) -> Select[Any]:
    source, beside = _beside(page)
    return select(page, *beside, _categories_of(page), _images_of(page)).select_from(source)


def _categories_of(page: FromClause) -> ColumnElement[Any]:
    held, within = product_categories.alias("held"), categories.alias("within")
    rows = _gathered(
        [within.c.id, within.c.name, within.c.slug], held.c.is_primary.desc(), held.c.position
    )
    mine = rows.select_from(held.join(within, within.c.id == held.c.category_id))
    return mine.where(held.c.product_id == page.c.id).scalar_subquery().label("categories")


def _images_of(page: FromClause) -> ColumnElement[Any]:
    image = product_images.alias("image")
    url = literal(MEDIA).op("||")(image.c.path).label("url")
    columns = [image.c[name] for name in ("id", "alt_text", "position", "is_main", "variant_id")]
    rows = _gathered([*columns, url], image.c.position, image.c.id)
    return rows.where(image.c.product_id == page.c.id).scalar_subquery().label("images")


def _gathered(columns: Sequence[ColumnElement[Any]], *order: ColumnElement[Any]) -> Select[Any]:
    pairs = (part for it in columns for part in (literal_column(f"'{it.name}'"), it))
    each = aggregate_order_by(func.jsonb_build_object(*pairs), *order)
    return select(func.coalesce(func.jsonb_agg(each), func.jsonb_build_array()))


def _facts(row: Any) -> dict[str, Any]:
    compare_at = _money(row.compare_at_minor, row.currency)
    price = Money(row.price_minor, row.currency)
    category = (row.category_id, row.category_name, row.category_slug)
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "sku": row.sku,
        "short_description": row.short_description,
        "price": price,
        "compare_at_price": compare_at,
        "currency": row.currency,
        "on_sale": compare_at is not None and compare_at > price,
        "status": row.status,
        "is_active": row.status == ProductStatus.ACTIVE,
        "is_featured": row.is_featured,
        "category": NamedCategory(*category) if row.category_id else None,
        "main_image_url": f"{MEDIA}{row.image}" if row.image else None,
        "rating_average": float(row.rating_average) if row.rating_average else None,
        "rating_count": row.rating_count,
        "in_stock": row.available > 0,
        "stock": row.stock,
        "created_at": row.created_at,
    }


_MORE = (
    *("description", "attributes", "options", "is_digital", "weight_grams", "dimensions", "tags"),
    *("brand", "meta_title", "meta_description", "updated_at", "version"),
)


def _details(row: Any) -> dict[str, Any]:
    more = {name: getattr(row, name) for name in _MORE}
    return _facts(row) | more | {"categories": row.categories, "images": row.images}


def _money(minor: int | Decimal | None, currency: str) -> Money | None:
    return None if minor is None else Money(int(minor), currency)
