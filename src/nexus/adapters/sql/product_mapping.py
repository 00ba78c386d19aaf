"""Products and variants as their rows hold them."""

from collections.abc import Mapping
from typing import Any

from nexus.adapters.sql.repository import Row
from nexus.domain.catalog import Option, Product, ProductFacts, ProductStatus, Variant
from nexus.domain.sales import Sale
from nexus.domain.shared import Money

_PLAIN = (
    *("name", "slug", "description", "short_description", "status", "brand", "attributes"),
    *("dimensions", "weight_grams", "is_digital", "is_featured", "meta_title", "meta_description"),
)
_OF_VARIANTS = (
    *("id", "product_id", "sku", "name", "options", "attributes", "is_active", "position"),
    "updated_at",
)


def product_row(product: Product) -> Row:
    facts = product.facts
    row = {name: getattr(facts, name) for name in _PLAIN}
    row |= {"id": product.id, "created_at": product.created_at, "updated_at": product.updated_at}
    row |= _price_row(product, facts.price, facts.sale) | {"currency": facts.price.currency}
    row["compare_at_minor"] = facts.compare_at_price and facts.compare_at_price.minor
    row["options"] = [{"name": it.name, "values": it.values} for it in facts.options]
    return row | {"tags": list(facts.tags)}


def variant_row(variant: Variant) -> Row:
    row = {name: getattr(variant, name) for name in _OF_VARIANTS}
    return row | _price_row(variant, variant.price, variant.sale)


def _price_row(it: Product | Variant, regular: Money | None, sale: Sale | None) -> Row:
    """What is asked now, and how it came about; the regular price only where another is asked."""
    return {
        "price_minor": it.asked and it.asked.minor,
        "regular_minor": None if regular == it.asked else regular and regular.minor,
        "sale_minor": sale and sale.price.minor,
        "sale_starts_at": sale and sale.starts_at,
        "sale_ends_at": sale and sale.ends_at,
        "price_turns_at": it.turns_at,
    }


def product_of(row: Any) -> Product:
    compare_at = row.compare_at_minor
    facts = ProductFacts(
        **{name: getattr(row, name) for name in _PLAIN} | {"status": ProductStatus(row.status)},
        **_prices_of(row, row.currency),
        compare_at_price=None if compare_at is None else Money(compare_at, row.currency),
        tags=tuple(row.tags),
        options=tuple(Option(it["name"], tuple(it["values"])) for it in row.options),
    )
    return Product(
        row.id,
        facts,
        tuple(row.category_ids),
        row.created_at,
        row.updated_at,
        version=row.version,
    )


def variant_of(row: Any, currency: str) -> Variant:
    mine = {name: getattr(row, name) for name in _OF_VARIANTS}
    return Variant(**mine, **_prices_of(row, currency), version=row.version)


def _prices_of(row: Any, currency: str) -> Mapping[str, Any]:
    regular = row.price_minor if row.regular_minor is None else row.regular_minor
    sale = None
    if row.sale_minor is not None:
        sale = Sale(Money(row.sale_minor, currency), row.sale_starts_at, row.sale_ends_at)
    return {"price": None if regular is None else Money(regular, currency), "sale": sale}
