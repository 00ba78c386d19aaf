"""catalogue"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EXTENSIONS = ("pg_trgm", "unaccent")
TABLES = (
    "reservations",
    "stock_movements",
    "stock_items",
    "product_images",
    "product_categories",
    "variants",
    "products",
    "categories",
)
# A search configuration, unlike a call of unaccent(), may stand in a generated column.
WORDS = """
CREATE TEXT SEARCH CONFIGURATION nexus (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION nexus
    ALTER MAPPING FOR word, asciiword, hword, hword_part, asciihword, hword_asciipart
    WITH unaccent, simple;
CREATE FUNCTION nexus_joined(words text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array_to_string(words, ' ') $$;
"""
NEW_ID = """
CREATE FUNCTION nexus_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid()) PLACING
                substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$
"""
ALIKE = """
CREATE FUNCTION nexus_alike(wanted text) RETURNS TABLE (product_id uuid, likeness real)
    LANGUAGE sql STABLE SET pg_trgm.word_similarity_threshold = 0.45 AS $$
    SELECT id, word_similarity(wanted, name) FROM products WHERE wanted <% name
$$
"""
SEARCH = (
    "(setweight(to_tsvector('nexus'::regconfig, translate((name)::text, '-/_'::text, '   '::text)),"
    " 'A'::\"char\") || setweight(to_tsvector('nexus'::regconfig, (((brand)::text || ' '::text) ||"
    " nexus_joined(tags))), 'B'::\"char\")) || setweight(to_tsvector('nexus'::regconfig,"
    " ((short_description || ' '::text) || description)), 'C'::\"char\")"
)


def upgrade() -> None:
    for name in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
    op.execute(WORDS)
    op.execute(NEW_ID)
    create_categories()
    create_products()
    create_variants()
    create_images()
    create_stock()
    create_movements()
    create_reservations()
    op.execute(ALIKE)


def create_categories() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("slug", sa.String(120, collation="C"), nullable=False),
        sa.Column("path", sa.Text(collation="C"), nullable=False),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("image_url", sa.Text()),
        sa.Column("meta_title", sa.String(200), nullable=False, server_default=""),
        sa.Column("meta_description", sa.String(500), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_categories"),
        sa.UniqueConstraint("slug", name="uq_categories_slug"),
        sa.UniqueConstraint("path", name="uq_categories_path"),
        sa.ForeignKeyConstraint(["parent_id"], ["categories.id"], name="fk_categories_parent_id"),
        sa.CheckConstraint("length(path) <= 1056", name=op.f("ck_categories_depth")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_categories_parent")),
    )
    op.create_index("ix_categories_parent_id", "categories", ["parent_id"])


def create_products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("slug", sa.String(120, collation="C"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("short_description", sa.Text(), nullable=False, server_default=""),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("compare_at_minor", sa.BigInteger()),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("brand", sa.String(120), nullable=False, server_default=""),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("attributes", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("options", postgresql.JSONB(), nullable=False, server_default="[]"),
        sa.Column("dimensions", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("weight_grams", sa.Integer()),
        sa.Column("is_digital", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_featured", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("meta_title", sa.String(200), nullable=False, server_default=""),
        sa.Column("meta_description", sa.String(500), nullable=False, server_default=""),
        sa.Column("rating_average", sa.Numeric(3, 2)),
        sa.Column("rating_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), sa.Computed(SEARCH, persisted=True)),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("slug", name="uq_products_slug"),
        sa.CheckConstraint(
            "price_minor >= 0 AND compare_at_minor >= 0", name=op.f("ck_products_prices")
        ),
        sa.CheckConstraint(
            "status in ('draft', 'active', 'inactive', 'discontinued')",
            name=op.f("ck_products_status"),
        ),
        sa.CheckConstraint("weight_grams >= 0", name=op.f("ck_products_weight")),
        sa.CheckConstraint(
            "rating_average between 1 and 5 AND rating_count >= 0", name=op.f("ck_products_rating")
        ),
    )
    index_products()
    op.create_table(
        "product_categories",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "category_id", name="pk_product_categories"),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name="fk_product_categories_product_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name="fk_product_categories_category_id"
        ),
    )
    op.create_index(
        "ix_product_categories_category_id", "product_categories", ["category_id", "product_id"]
    )
    op.create_index(
        "uq_product_categories_primary",
        "product_categories",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )


def index_products() -> None:
    active = sa.text("status = 'active'")
    op.create_index("ix_products_search", "products", ["search"], postgresql_using="gin")
    op.create_index(
        "ix_products_attributes",
        "products",
        ["attributes"],
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    )
    op.create_index("ix_products_tags", "products", ["tags"], postgresql_using="gin")
    op.create_index("ix_products_brand", "products", [sa.text("lower(brand)")])
    op.create_index(
        "ix_products_name_trigrams",
        "products",
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_products_newest",
        "products",
        [sa.text("created_at DESC"), sa.text("id DESC")],
        postgresql_where=active,
    )
    op.create_index("ix_products_price", "products", ["price_minor", "id"], postgresql_where=active)


def create_variants() -> None:
    op.create_table(
        "variants",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(64, collation="C"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("price_minor", sa.BigInteger()),
        sa.Column("options", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("attributes", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_variants"),
        sa.UniqueConstraint("sku", name="uq_variants_sku"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_variants_product_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_variants_price")),
    )
    op.create_index("ix_variants_product_id", "variants", ["product_id", "position", "id"])
    op.create_index(
        "uq_variants_options",
        "variants",
        ["product_id", "options"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index("ix_variants_sku_lower", "variants", [sa.text("lower(sku)")])
    for name in ("options", "attributes"):
        op.create_index(
            f"ix_variants_{name}",
            "variants",
            [name],
            postgresql_using="gin",
            postgresql_ops={name: "jsonb_path_ops"},
        )


def create_images() -> None:
    op.create_table(
        "product_images",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid()),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("alt_text", sa.String(300), nullable=False, server_default=""),
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_main", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_product_images"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_images_product_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name="fk_product_images_variant_id",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_product_images_product_id", "product_images", ["product_id", "position"])
    op.create_index("ix_product_images_variant_id", "product_images", ["variant_id"])
    op.create_index(
        "uq_product_images_main",
        "product_images",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("is_main"),
    )


def create_stock() -> None:
    op.create_table(
        "stock_items",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("low", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("variant_id", name="pk_stock_items"),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name="fk_stock_items_variant_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("reserved between 0 and on_hand", name=op.f("ck_stock_items_reserved")),
    )


def create_movements() -> None:
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand_delta", sa.Integer(), nullable=False),
        sa.Column("reserved_delta", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("order_id", sa.Uuid()),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_hand_after", sa.Integer(), nullable=False),
        sa.Column("reserved_after", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stock_movements"),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name="fk_stock_movements_variant_id",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "on_hand_delta <> 0 OR reserved_delta <> 0", name=op.f("ck_stock_movements_delta")
        ),
        sa.CheckConstraint(
            "reserved_after between 0 and on_hand_after", name=op.f("ck_stock_movements_level")
        ),
    )
    op.create_index("ix_stock_movements_variant_id", "stock_movements", ["variant_id", "number"])
    op.create_index("ix_stock_movements_order_id", "stock_movements", ["order_id"])


def create_reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "variant_id", name="pk_reservations"),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name="fk_reservations_variant_id"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservations_quantity")),
        sa.CheckConstraint(
            "state in ('active', 'consumed', 'released')", name=op.f("ck_reservations_state")
        ),
    )
    op.create_index("ix_reservations_variant_id", "reservations", ["variant_id"])


def downgrade() -> None:
    op.execute("DROP FUNCTION nexus_alike(text)")
    for name in TABLES:
        op.drop_table(name)
    op.execute("DROP FUNCTION nexus_new_id()")
    op.execute("DROP FUNCTION nexus_joined(text[])")
    op.execute("DROP TEXT SEARCH CONFIGURATION nexus")
    for name in reversed(EXTENSIONS):
        op.execute(f"DROP EXTENSION {name}")
