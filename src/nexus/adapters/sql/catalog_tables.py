"""The tables of products, their variants and images, and of the words for them."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    false,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR, ExcludeConstraint

from nexus.adapters.sql.errors import REFUSALS, refuse_duplicate
from nexus.adapters.sql.schema import Moment, currency, identity, metadata, minor, version
from nexus.domain.shared import Stale, invalid

# PostgreSQL shows the expression in these words, and Alembic compares them.
_SEARCH = (
    "((setweight(to_tsvector('nexus'::regconfig, nexus_plain((name)::text)), 'A'::\"char\") ||"
    " setweight(to_tsvector('nexus'::regconfig, nexus_plain((((brand)::text || ' '::text) ||"
    " nexus_joined(tags)))), 'B'::\"char\")) || setweight(to_tsvector('nexus'::regconfig,"
    " nexus_plain(((short_description || ' '::text) || description))), 'C'::\"char\"))"
)
_ACTIVE = "status = 'active'"


def _terms() -> tuple[Column[Any], ...]:
    """What stands beside the price that is asked now.

    The regular price is there while a sale asks less; the trigger of `past_prices` writes the last
    two.
    """
    return (
        minor("regular", nullable=True),
        minor("sale", nullable=True),
        Column("sale_starts_at", Moment),
        Column("sale_ends_at", Moment),
        Column("price_turns_at", Moment),
        Column("price_since", Moment, nullable=False, server_default=func.now()),
        minor("lowest", nullable=True),
    )


def _one_alone(table: str, column: str) -> ExcludeConstraint:
    """Unique, but no key to PostgreSQL: whoever refers to the row waits for nobody who writes it.

    Looked at when a statement ends: rows may take each other's place in one.
    """
    return ExcludeConstraint(
        (column, "="),
        using="btree",
        name=f"uq_{table}_{column}",
        deferrable=True,
        initially="IMMEDIATE",
    )


_SALE = (
    "regular_minor > price_minor AND sale_ends_at > sale_starts_at"
    " AND sale_minor >= 0 AND sale_minor < coalesce(regular_minor, price_minor)"
)
_TURNS = "price_turns_at IS NOT NULL"

products = Table(
    "products",
    metadata,
    identity(),
    Column("name", String(200), nullable=False),
    Column("slug", String(120, collation="C"), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("short_description", Text, nullable=False, server_default=""),
    minor("price"),
    minor("compare_at", nullable=True),
    currency(),
    Column("status", String(12), nullable=False),
    Column("brand", String(120), nullable=False, server_default=""),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    Column("attributes", JSONB, nullable=False, server_default="{}"),
    Column("options", JSONB, nullable=False, server_default="[]"),
    Column("dimensions", JSONB, nullable=False, server_default="{}"),
    Column("weight_grams", Integer),
    Column("is_digital", Boolean, nullable=False, server_default=false()),
    Column("is_featured", Boolean, nullable=False, server_default=false()),
    Column("meta_title", String(200), nullable=False, server_default=""),
    Column("meta_description", String(500), nullable=False, server_default=""),
    Column("rating_average", Numeric(3, 2)),
    Column("rating_count", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("search", TSVECTOR, Computed(_SEARCH, persisted=True)),
    version(),
    *_terms(),
    _one_alone("products", "slug"),
    CheckConstraint("price_minor >= 0 AND compare_at_minor >= 0", name="prices"),
    CheckConstraint(_SALE, name="sale"),
    CheckConstraint("status in ('draft', 'active', 'inactive', 'discontinued')", name="status"),
    CheckConstraint("weight_grams >= 0", name="weight"),
    CheckConstraint("rating_average between 1 and 5 AND rating_count >= 0", name="rating"),
)
Index("ix_products_search", products.c.search, postgresql_using="gin")
Index(
    "ix_products_attributes",
    products.c.attributes,
    postgresql_using="gin",
    postgresql_ops={"attributes": "jsonb_path_ops"},
)
Index("ix_products_tags", products.c.tags, postgresql_using="gin")
Index("ix_products_brand", func.lower(products.c.brand))
Index(
    "ix_products_name_words",
    func.ts_filter(products.c.search, text("'{a}'")),
    postgresql_using="gin",
    postgresql_where=text(_ACTIVE),
)
Index("ix_products_turning", products.c.price_turns_at, postgresql_where=text(_TURNS))

# The words of all names and brands, for whoever mistypes one; triggers add to them. What is no
# longer sold leaves its words behind: they are few, and lead to nothing.
known_words = Table(
    "known_words",
    metadata,
    Column("word", Text(collation="C"), nullable=False, index=True),
    Column("alike", Text, Computed("nexus_consonants(word)", persisted=True)),
)
Index(
    "ix_known_words_alike",
    known_words.c.alike,
    postgresql_using="gin",
    postgresql_ops={"alike": "gin_trgm_ops"},
)

variants = Table(
    "variants",
    metadata,
    identity(),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("sku", String(64, collation="C"), nullable=False),
    Column("name", String(200), nullable=False, server_default=""),
    minor("price", nullable=True),
    Column("options", JSONB, nullable=False, server_default="{}"),
    Column("attributes", JSONB, nullable=False, server_default="{}"),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("updated_at", Moment, nullable=False, server_default=func.now()),
    version(),
    *_terms(),
    _one_alone("variants", "sku"),
    ExcludeConstraint(
        ("product_id", "="),
        ("options", "="),
        where=text("is_active"),
        using="btree",
        name="uq_variants_options",
        deferrable=True,
        initially="IMMEDIATE",
    ),
    CheckConstraint("price_minor >= 0", name="price"),
    CheckConstraint(f"{_SALE} AND (sale_minor IS NULL OR price_minor IS NOT NULL)", name="sale"),
    # What a list shows of a product's variants is read from it alone.
    Index(
        "ix_variants_product_id",
        "product_id",
        text("is_active DESC"),
        "position",
        "id",
        postgresql_include=["sku"],
    ),
)
Index("ix_variants_turning", variants.c.price_turns_at, postgresql_where=text(_TURNS))
Index("ix_variants_sku_lower", func.lower(variants.c.sku))
for _name in ("options", "attributes"):
    Index(
        f"ix_variants_{_name}",
        variants.c[_name],
        postgresql_using="gin",
        postgresql_ops={_name: "jsonb_path_ops"},
    )

product_images = Table(
    "product_images",
    metadata,
    identity(),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("variant_id", ForeignKey("variants.id", ondelete="SET NULL"), index=True),
    Column("path", Text, nullable=False, index=True),
    Column("alt_text", String(300), nullable=False, server_default=""),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("is_main", Boolean, nullable=False, server_default=false()),
    Column("source", Text),
    Index("ix_product_images_product_id", "product_id", "position"),
)
Index(
    "uq_product_images_main",
    product_images.c.product_id,
    unique=True,
    postgresql_where=product_images.c.is_main,
)
Index(
    "uq_product_images_source",
    product_images.c.product_id,
    product_images.c.source,
    unique=True,
    postgresql_where=product_images.c.source.is_not(None),
)

# Written by a trigger alone, whenever a price of products or variants changes.
past_prices = Table(
    "past_prices",
    metadata,
    identity(),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("variant_id", ForeignKey("variants.id", ondelete="CASCADE")),
    minor("price"),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    CheckConstraint("until > since", name="span"),
    Index("ix_past_prices_product_id", "product_id", "until"),
    Index("ix_past_prices_variant_id", "variant_id", "until"),
)
refuse_duplicate("uq_products_slug", "slug")
refuse_duplicate("uq_variants_sku", "sku")
REFUSALS["uq_variants_options"] = lambda: invalid(
    "options", "Another variant has the same options."
)
REFUSALS["uq_product_images_main"] = Stale
refuse_duplicate("uq_product_images_source", "source")
