"""What is sold, as a cart needs it: a variant, its product, where it lies and what there is."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from nexus.adapters.sql.catalog_tables import product_images, products, variants
from nexus.adapters.sql.categories import categories, product_categories
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.catalog import ForSale
from nexus.domain.catalog import ProductStatus
from nexus.domain.shared import Money


def goods() -> Select[Any]:
    available = func.coalesce(stock_items.c.on_hand - stock_items.c.reserved, 0)
    return select(
        variants.c.id,
        variants.c.product_id,
        variants.c.sku,
        variants.c.options,
        products.c.name,
        products.c.slug,
        products.c.is_digital,
        products.c.currency,
        func.coalesce(variants.c.price_minor, products.c.price_minor).label("price"),
        available.label("available"),
        is_sold().label("is_sold"),
        _lineage(),
        _main_image(),
    ).select_from(
        variants.join(products, products.c.id == variants.c.product_id).outerjoin(
            stock_items, stock_items.c.variant_id == variants.c.id
        )
    )


def for_sale_from(row: Any) -> ForSale:
    return ForSale(
        variant_id=row.id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        product_slug=row.slug,
        options=row.options,
        price=Money(row.price, row.currency),
        available=row.available,
        is_sold=row.is_sold,
        category_ids=frozenset(_ids_in(row.lineage or "")),
        image=row.image,
        is_digital=row.is_digital,
    )


def _ids_in(path: str) -> Iterable[UUID]:
    return (UUID(part) for part in path.split("/") if part)


def is_sold() -> ColumnElement[bool]:
    return (products.c.status == ProductStatus.ACTIVE) & variants.c.is_active


def _lineage() -> ColumnElement[Any]:
    """The categories of the product and all above them: a path is their ids in a row."""
    held = product_categories
    paths = select(func.string_agg(categories.c.path, "")).select_from(
        held.join(categories, categories.c.id == held.c.category_id)
    )
    return paths.where(held.c.product_id == products.c.id).scalar_subquery().label("lineage")


def _main_image() -> ColumnElement[Any]:
    main = (product_images.c.product_id == products.c.id) & product_images.c.is_main
    return select(product_images.c.path).where(main).scalar_subquery().label("image")
