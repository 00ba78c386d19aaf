"""sales"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TERMS = (
    "regular_minor",
    "sale_minor",
    "sale_starts_at",
    "sale_ends_at",
    "price_turns_at",
    "price_since",
    "lowest_minor",
)
SALE = (
    "regular_minor > price_minor AND sale_ends_at > sale_starts_at"
    " AND sale_minor >= 0 AND sale_minor < coalesce(regular_minor, price_minor)"
)
# A price is asked until the moment at which its row is written. What was asked for no time at all
# leaves no line; and what first gets a price of its own was asked its product's before.
KEEP_PRICE = """
CREATE FUNCTION nexus_keep_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turned timestamptz := CASE WHEN NEW.updated_at > OLD.updated_at THEN NEW.updated_at
        ELSE now() END;
    asked bigint := OLD.price_minor;
    lowest bigint;
    product uuid;
    variant uuid;
BEGIN
    IF TG_TABLE_NAME = 'products' THEN
        product := NEW.id;
        SELECT min(price_minor) INTO lowest FROM past_prices
        WHERE product_id = NEW.id AND variant_id IS NULL AND until > turned - interval '30 days';
    ELSE
        product := NEW.product_id;
        variant := NEW.id;
        SELECT min(price_minor) INTO lowest FROM past_prices
        WHERE variant_id = NEW.id AND until > turned - interval '30 days';
    END IF;
    IF asked IS NULL THEN
        SELECT price_minor INTO asked FROM products WHERE id = product;
    ELSIF turned > OLD.price_since THEN
        INSERT INTO past_prices (id, product_id, variant_id, price_minor, since, until)
        VALUES (nexus_new_id(), product, variant, asked, OLD.price_since, turned);
    END IF;
    NEW.lowest_minor := CASE WHEN NEW.price_minor < asked THEN least(asked, lowest) END;
    NEW.price_since := turned;
    RETURN NEW;
END $$
"""
WATCH = """
CREATE TRIGGER keep_price BEFORE UPDATE OF price_minor ON {0} FOR EACH ROW
WHEN (OLD.price_minor IS DISTINCT FROM NEW.price_minor) EXECUTE FUNCTION nexus_keep_price()
"""


def upgrade() -> None:
    op.add_column(
        "variants", sa.Column("updated_at", MOMENT, nullable=False, server_default=sa.func.now())
    )
    add_terms("products", SALE)
    add_terms("variants", f"{SALE} AND (sale_minor IS NULL OR price_minor IS NOT NULL)")
    let_variants_change_places()
    create_past_prices()
    op.execute(KEEP_PRICE)
    for table in ("products", "variants"):
        op.execute(WATCH.format(table))


def add_terms(table: str, rule: str) -> None:
    op.add_column(table, sa.Column("regular_minor", sa.BigInteger))
    op.add_column(table, sa.Column("sale_minor", sa.BigInteger))
    op.add_column(table, sa.Column("sale_starts_at", MOMENT))
    op.add_column(table, sa.Column("sale_ends_at", MOMENT))
    op.add_column(table, sa.Column("price_turns_at", MOMENT))
    op.add_column(
        table, sa.Column("price_since", MOMENT, nullable=False, server_default=sa.func.now())
    )
    op.add_column(table, sa.Column("lowest_minor", sa.BigInteger))
    op.create_check_constraint(op.f(f"ck_{table}_sale"), table, rule)
    op.create_index(
        f"ix_{table}_turning",
        table,
        ["price_turns_at"],
        postgresql_where=sa.text("price_turns_at IS NOT NULL"),
    )


def let_variants_change_places() -> None:
    """Look at the end of a statement whether two have the same SKU or the same options."""
    op.drop_constraint("uq_variants_sku", "variants")
    op.create_unique_constraint(
        "uq_variants_sku", "variants", ["sku"], deferrable=True, initially="IMMEDIATE"
    )
    op.drop_index("uq_variants_options", "variants")
    op.create_exclude_constraint(
        "uq_variants_options",
        "variants",
        ("product_id", "="),
        ("options", "="),
        where=sa.text("is_active"),
        using="btree",
        deferrable=True,
        initially="IMMEDIATE",
    )


def create_past_prices() -> None:
    op.create_table(
        "past_prices",
        sa.Column("id", sa.Uuid),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("variant_id", sa.Uuid),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_past_prices"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_past_prices_product_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name="fk_past_prices_variant_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("until > since", name=op.f("ck_past_prices_span")),
    )
    op.create_index("ix_past_prices_product_id", "past_prices", ["product_id", "until"])
    op.create_index("ix_past_prices_variant_id", "past_prices", ["variant_id", "until"])


def downgrade() -> None:
    for table in ("products", "variants"):
        op.execute(f"DROP TRIGGER keep_price ON {table}")
    op.execute("DROP FUNCTION nexus_keep_price()")
    op.drop_table("past_prices")
    op.drop_constraint("uq_variants_options", "variants")
    op.create_index(
        "uq_variants_options",
        "variants",
        ["product_id", "options"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.drop_constraint("uq_variants_sku", "variants")
    op.create_unique_constraint("uq_variants_sku", "variants", ["sku"])
    # A sale is over with the column that knew of it.
    for table in ("products", "variants"):
        op.drop_constraint(f"ck_{table}_sale", table)
        restore = f"UPDATE {table} SET price_minor = regular_minor WHERE regular_minor IS NOT NULL"
        op.execute(restore)
        for column in TERMS:
            op.drop_column(table, column)
    op.drop_column("variants", "updated_at")
