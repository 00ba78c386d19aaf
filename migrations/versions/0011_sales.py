"""Sales that turn a price in its row, and what was asked before."""

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
# leaves no line. A variant without a price was asked its product's, which it remembers once it has
# one of its own. With every price, and where a price begins to be called a reduced one, stands the
# lowest of the 30 days before.
KEEP_PRICE = """
CREATE FUNCTION nexus_keep_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_variant boolean := TG_TABLE_NAME = 'variants';
    mine uuid := CASE WHEN of_variant THEN NEW.id END;
    product uuid := NEW.id;
    turned timestamptz := CASE WHEN NEW.updated_at > OLD.updated_at THEN NEW.updated_at
        ELSE now() END;
BEGIN
    IF of_variant THEN
        product := NEW.product_id;
    END IF;
    IF OLD.price_minor IS NULL THEN
        INSERT INTO past_prices (id, product_id, variant_id, price_minor, since, until)
        SELECT nexus_new_id(), product, mine, price_minor, greatest(since, OLD.price_since), until
        FROM (
            SELECT price_minor, since, until FROM past_prices
            WHERE product_id = product AND variant_id IS NULL
            UNION ALL
            SELECT price_minor, price_since, turned FROM products WHERE id = product
        ) AS it WHERE until > greatest(since, OLD.price_since);
    ELSIF NEW.price_minor IS DISTINCT FROM OLD.price_minor AND turned > OLD.price_since THEN
        INSERT INTO past_prices (id, product_id, variant_id, price_minor, since, until)
        VALUES (nexus_new_id(), product, mine, OLD.price_minor, OLD.price_since, turned);
    END IF;
    IF NEW.price_minor = OLD.price_minor THEN
        NEW.lowest_minor := OLD.price_minor;
    ELSE
        NEW.lowest_minor := NULL;
        NEW.price_since := turned;
    END IF;
    IF of_variant THEN
        SELECT least(NEW.lowest_minor, min(price_minor)) INTO NEW.lowest_minor FROM past_prices
        WHERE variant_id = mine AND until > turned - interval '30 days';
    ELSE
        SELECT least(NEW.lowest_minor, min(price_minor)) INTO NEW.lowest_minor FROM past_prices
        WHERE product_id = product AND variant_id IS NULL
            AND until > turned - interval '30 days';
    END IF;
    RETURN NEW;
END $$
"""
REDUCED = {
    "products": "greatest({0}.regular_minor, {0}.compare_at_minor) > {0}.price_minor",
    "variants": "{0}.regular_minor IS NOT NULL",
}
WATCH = """
CREATE TRIGGER keep_price BEFORE UPDATE ON {0} FOR EACH ROW
WHEN (OLD.price_minor IS DISTINCT FROM NEW.price_minor OR ({2}) AND ({1}) IS NOT TRUE)
EXECUTE FUNCTION nexus_keep_price()
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
    for table, reduced in REDUCED.items():
        op.execute(WATCH.format(table, reduced.format("OLD"), reduced.format("NEW")))


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
