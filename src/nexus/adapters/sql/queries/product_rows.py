"""Products and variants as their pages show them: what is selected, and what it becomes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

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
from nexus.adapters.sql.categories import categories, product_categories
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.catalog import (
    MEDIA,
    ListedProduct,
    NamedCategory,
    ShownProduct,
    ShownVariant,
)
from nexus.domain.catalog import ProductStatus
from nexus.domain.shared import Money

DETAILS = [it for it in products.c if it.name != "search"]


def levels() -> tuple[ColumnElement[Any], ...]:
    available = stock_items.c.on_hand - stock_items.c.reserved
    return (
        func.coalesce(stock_items.c.on_hand, 0).label("stock"),
        func.coalesce(available, 0).label("available"),
        func.coalesce(stock_items.c.threshold, 0).label("low_stock_threshold"),
    )


def variant_of(row: Any) -> ShownVariant:
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


def listed(page: FromClause) -> Select[Any]:
    source, beside = _beside(page)
    return select(page, *beside).select_from(source)


def detailed(page: FromClause) -> Select[Any]:
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


def listed_product(row: Any) -> ListedProduct:
    return ListedProduct(**_facts(row))


def shown_product(row: Any, of_it: Sequence[ShownVariant]) -> ShownProduct:
    more = {name: getattr(row, name) for name in _MORE}
    beside = {"categories": row.categories, "images": row.images, "variants": of_it}
    return ShownProduct(**_facts(row), **more, **beside)


def _money(minor: int | Decimal | None, currency: str) -> Money | None:
    return None if minor is None else Money(int(minor), currency)
