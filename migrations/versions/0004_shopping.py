"""Carts, coupons and orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def minor(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(f"{name}_minor", sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE order_numbers")
    op.create_table(
        "carts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("users.id")),
        sa.Column("token_hash", sa.String(64)),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        sa.Column("coupon_codes", ARRAY(sa.Text), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("(customer_id is null) <> (token_hash is null)", name="one_owner"),
    )
    op.create_index("uq_carts_customer_id", "carts", ["customer_id"], unique=True)
    op.create_index("uq_carts_token_hash", "carts", ["token_hash"], unique=True)
    op.create_table(
        "coupons",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("discount_type", sa.String(20), nullable=False),
        sa.Column("discount_value", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        minor("min_purchase", nullable=True),
        minor("max_discount", nullable=True),
        sa.Column("max_uses", sa.Integer),
        sa.Column("max_uses_per_customer", sa.Integer),
        sa.Column("used_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("valid_from", MOMENT),
        sa.Column("valid_to", MOMENT),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("stackable", sa.Boolean, nullable=False),
        sa.Column("product_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("category_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("code"),
        sa.CheckConstraint("code = upper(code)", name="code"),
        sa.CheckConstraint("used_count between 0 and coalesce(max_uses, used_count)", name="uses"),
        sa.CheckConstraint(
            "discount_type in ('percentage', 'fixed', 'free_shipping')", name="discount_type"
        ),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("cart_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("users.id")),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        minor("subtotal"),
        minor("discount"),
        minor("shipping"),
        minor("tax"),
        minor("total"),
        sa.Column("shipping_address", JSONB, nullable=False),
        sa.Column("billing_address", JSONB, nullable=False),
        sa.Column("shipping_method", sa.String(40), nullable=False),
        sa.Column("coupon_codes", ARRAY(sa.Text), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("payment_status", sa.String(20), nullable=False),
        sa.Column("fulfillment_status", sa.String(20), nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("cart_id"),
        sa.CheckConstraint(
            "subtotal_minor >= 0 and discount_minor between 0 and subtotal_minor"
            " and shipping_minor >= 0 and tax_minor >= 0 and total_minor >= 0",
            name="amounts",
        ),
    )
    op.create_index("ix_orders_customer_id", "orders", ["customer_id", "id"])
    op.create_index(
        "ix_orders_expires_at",
        "orders",
        ["expires_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("variant_id", sa.Uuid, sa.ForeignKey("variants.id"), nullable=False),
        sa.Column("product_id", sa.Uuid, sa.ForeignKey("products.id"), nullable=False),
        sa.Column("sku", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        minor("unit_price"),
        minor("discount"),
        minor("tax"),
        minor("total"),
        sa.Column("fulfilled_quantity", sa.Integer, nullable=False, server_default="0"),
        sa.Column("returned_quantity", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refunded_minor", sa.BigInteger, nullable=False, server_default="0"),
        sa.CheckConstraint(
            "quantity > 0 and fulfilled_quantity between 0 and quantity"
            " and returned_quantity between 0 and quantity",
            name="quantities",
        ),
        sa.CheckConstraint("refunded_minor between 0 and total_minor", name="refunded"),
    )
    for column in ("order_id", "variant_id", "product_id"):
        op.create_index(f"ix_order_lines_{column}", "order_lines", [column])
    op.create_table(
        "order_timeline",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_order_timeline_order_id", "order_timeline", ["order_id", "id"])
    op.create_table(
        "coupon_redemptions",
        sa.Column("coupon_id", sa.Uuid, sa.ForeignKey("coupons.id"), primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("buyer", sa.String(320), nullable=False),
        minor("amount"),
        sa.Column("redeemed_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("returned_at", MOMENT),
    )
    op.create_index("ix_coupon_redemptions_buyer", "coupon_redemptions", ["coupon_id", "buyer"])
    op.create_index("ix_coupon_redemptions_order_id", "coupon_redemptions", ["order_id"])


def downgrade() -> None:
    for table in (
        "coupon_redemptions",
        "order_timeline",
        "order_lines",
        "orders",
        "coupons",
        "carts",
    ):
        op.drop_table(table)
    op.execute("DROP SEQUENCE order_numbers")
