"""Categories, products and variants as they are shown: JSON, written by PostgreSQL.

A field is a line here and a field of the schema that documents it, in the same place.
"""

from collections.abc import Mapping

from nexus.adapters.sql.queries.product_filters import OPEN


def document(fields: Mapping[str, str]) -> str:
    """Return the expression for a JSON object of these fields, in this order."""
    columns = ", ".join(f"{value} AS {name}" for name, value in fields.items())
    return f"(SELECT row_to_json(it) FROM (SELECT {columns}) AS it)"


def _array(of: Mapping[str, str], source: str, *, order: str) -> str:
    return f"(SELECT coalesce(json_agg({document(of)} ORDER BY {order}), '[]') FROM {source})"


def _own(table: str, names: str) -> dict[str, str]:
    return {name: f"{table}.{name}" for name in names.split()}


CATEGORY = _own("c", "id name slug description parent_id image_url position is_active") | {
    "product_count": "coalesce(inside.products, 0)",
    **_own("c", "meta_title meta_description"),
}


def _terms(table: str) -> dict[str, str]:
    """The regular price, and the sale, of which staff alone are told beforehand."""
    sale = {
        "sale_price": f"nexus_money({table}.sale_minor, p.currency)",
        "sale_starts_at": f"nexus_moment({table}.sale_starts_at)",
        "sale_ends_at": f"nexus_moment({table}.sale_ends_at)",
    }
    regular = f"coalesce({table}.regular_minor, {table}.price_minor)"
    return {"regular_price": f"nexus_money({regular}, p.currency)"} | {
        name: f"CASE WHEN %(hidden)s THEN {value} END" for name, value in sale.items()
    }


VARIANT = _own("v", "id product_id sku name") | {
    "price": "nexus_money(v.price_minor, p.currency)",
    "compare_at_price": "nexus_money(v.regular_minor, p.currency)",
    "lowest_price_30_days": """
        CASE WHEN v.regular_minor IS NOT NULL THEN nexus_money(v.lowest_minor, p.currency) END""",
    "on_sale": "v.regular_minor IS NOT NULL",
    **_terms("v"),
    "currency": "p.currency",
    **_own("v", "options attributes"),
    "stock": "coalesce(s.on_hand, 0)",
    "available": "coalesce(s.on_hand - s.reserved, 0)",
    "is_active": "v.is_active",
    "low_stock_threshold": "coalesce(s.threshold, 0)",
}

_NAMED = _own("c", "id name slug")

_URL = "%(media)s || {0}.path"
_THUMBNAIL_URL = "%(media)s || replace({0}.path, '.webp', '-small.webp')"

IMAGE = {
    "id": "i.id",
    "url": _URL.format("i"),
    "thumbnail_url": _THUMBNAIL_URL.format("i"),
    **_own("i", "alt_text position is_main variant_id"),
}

# Reduced for some time, or from what it is said to have cost.
ON_SALE = "coalesce(greatest(p.compare_at_minor, p.regular_minor) > p.price_minor, false)"
LISTED = _own("p", "id name slug") | {
    "sku": "first.sku",
    "short_description": "p.short_description",
    "price": "nexus_money(p.price_minor, p.currency)",
    "compare_at_price": "nexus_money(coalesce(p.compare_at_minor, p.regular_minor), p.currency)",
    "lowest_price_30_days": f"CASE WHEN {ON_SALE} THEN nexus_money(p.lowest_minor, p.currency) END",
    "currency": "p.currency",
    "on_sale": ON_SALE,
    "status": "p.status",
    "is_active": "p.status = 'active'",
    "is_featured": "p.is_featured",
    "category": f"CASE WHEN c.id IS NOT NULL THEN {document(_NAMED)} END",
    "main_image_url": _URL.format("main"),
    "main_image_thumbnail_url": _THUMBNAIL_URL.format("main"),
    **_own("p", "rating_average rating_count"),
    "in_stock": "coalesce(shelf.available, 0) > 0",
    "stock": "coalesce(shelf.stock, 0)",
    "created_at": "nexus_moment(p.created_at)",
}

# What a listed product says that stands in other tables.
BESIDE = f"""
    LEFT JOIN LATERAL (
        SELECT v.sku FROM variants v WHERE v.product_id = p.id
        ORDER BY v.is_active DESC, v.position, v.id LIMIT 1
    ) AS first ON true
    LEFT JOIN LATERAL (
        SELECT sum(s.on_hand) AS stock, sum(s.on_hand - s.reserved) AS available
        FROM variants v JOIN stock_items s ON s.variant_id = v.id
        WHERE v.product_id = p.id AND v.is_active
    ) AS shelf ON true
    LEFT JOIN product_categories held ON held.product_id = p.id AND held.is_primary
    LEFT JOIN categories c ON c.id = held.category_id AND {OPEN}
    LEFT JOIN product_images main ON main.product_id = p.id AND main.is_main
"""

_CATEGORIES = f"""product_categories held JOIN categories c ON c.id = held.category_id
    WHERE held.product_id = p.id AND {OPEN}"""
_IMAGES = "product_images i WHERE i.product_id = p.id"
_VARIANTS = """variants v LEFT JOIN stock_items s ON s.variant_id = v.id
    WHERE v.product_id = p.id AND (v.is_active OR %(hidden)s)"""

SHOWN = {
    **LISTED,
    **_terms("p"),
    "description": "p.description",
    "categories": _array(_NAMED, _CATEGORIES, order="held.is_primary DESC, held.position"),
    "attributes": "p.attributes",
    "images": _array(IMAGE, _IMAGES, order="i.position, i.id"),
    "options": "p.options",
    "variants": _array(VARIANT, _VARIANTS, order="v.position, v.id"),
    **_own("p", "is_digital weight_grams dimensions tags brand meta_title meta_description"),
    "updated_at": "nexus_moment(p.updated_at)",
}
