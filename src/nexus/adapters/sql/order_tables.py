"""What an order is made of, and the rules that the database holds of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from nexus.adapters.sql.errors import REFUSALS
from nexus.adapters.sql.schema import Moment, currency, identity, metadata, minor, version
from nexus.domain.shared import Stale

order_numbers = Sequence("order_numbers", metadata=metadata)

orders = Table(
    "orders",
    metadata,
    identity(),
    Column("number", String(40), nullable=False, unique=True),
    Column("cart_id", Uuid, nullable=False, unique=True),
    Column("customer_id", Uuid, ForeignKey("users.id")),
    Column("email", String(320), nullable=False),
    Column("locale", String(10), nullable=False),
    currency(),
    minor("subtotal"),
    minor("discount"),
    minor("shipping"),
    minor("tax"),
    minor("total"),
    Column("shipping_address", JSONB, nullable=False),
    Column("billing_address", JSONB, nullable=False),
    Column("shipping_method", String(40), nullable=False),
    Column("coupon_codes", ARRAY(Text), nullable=False),
    Column("notes", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("payment_status", String(20), nullable=False),
    Column("fulfillment_status", String(20), nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("expires_at", Moment),
    version(),
    CheckConstraint(
        "subtotal_minor >= 0 and discount_minor between 0 and subtotal_minor"
        " and shipping_minor >= 0 and tax_minor >= 0 and total_minor >= 0",
        name="amounts",
    ),
)
Index("ix_orders_customer_id", orders.c.customer_id, orders.c.id)
Index(
    "ix_orders_confirmed_at",
    orders.c.confirmed_at,
    orders.c.id,
    postgresql_where=orders.c.confirmed_at.is_not(None),
)
Index("ix_orders_placed_at", orders.c.placed_at, orders.c.id)
Index("ix_orders_total", orders.c.total_minor, orders.c.id)
Index("ix_orders_expires_at", orders.c.expires_at, postgresql_where=orders.c.status == "pending")

order_lines = Table(
    "order_lines",
    metadata,
    identity(),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", Uuid, ForeignKey("variants.id"), nullable=False),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("quantity", Integer, nullable=False),
    minor("unit_price"),
    minor("discount"),
    minor("tax"),
    minor("total"),
    Column("fulfilled_quantity", Integer, nullable=False, server_default="0"),
    Column("returned_quantity", Integer, nullable=False, server_default="0"),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    CheckConstraint(
        "quantity > 0 and fulfilled_quantity between 0 and quantity"
        " and returned_quantity between 0 and quantity",
        name="quantities",
    ),
    CheckConstraint("refunded_minor between 0 and total_minor", name="refunded"),
)
# The goods were removed between the look at the shelf and the order.
REFUSALS["fk_order_lines_variant_id"] = REFUSALS["fk_order_lines_product_id"] = Stale
Index("ix_order_lines_order_id", order_lines.c.order_id)
Index("ix_order_lines_variant_id", order_lines.c.variant_id)
Index("ix_order_lines_product_id", order_lines.c.product_id)

order_timeline = Table(
    "order_timeline",
    metadata,
    identity(),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False),
    Column("event", String(60), nullable=False),
    Column("actor", String(60), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("ix_order_timeline_order_id", order_timeline.c.order_id, order_timeline.c.id)
