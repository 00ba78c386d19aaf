"""Several places that hold stock; what there was lies at main."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MAIN = "00000000-0000-7000-8000-000000000001"


def upgrade() -> None:
    create_locations()
    create_levels()
    place_reservations()
    place_movements()
    op.create_index("ix_stock_movements_number", "stock_movements", ["number"])
    op.create_index("ix_stock_movements_location_id", "stock_movements", ["location_id", "number"])
    op.create_index(
        "ix_stock_items_low", "stock_items", ["variant_id"], postgresql_where=sa.text("low")
    )


def create_locations() -> None:
    table = op.create_table(
        "locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(30), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_locations"),
        sa.CheckConstraint(
            f"(id = '{MAIN}') = (code = 'main' AND is_active AND removed_at IS NULL)",
            name=op.f("ck_locations_main"),
        ),
        sa.CheckConstraint(
            "removed_at IS NULL OR NOT is_active", name=op.f("ck_locations_removed")
        ),
    )
    op.create_index(
        "uq_locations_code",
        "locations",
        ["code"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    main = {"id": MAIN, "code": "main", "name": "Main", "priority": 0}
    op.bulk_insert(table, [main | {"is_active": True, "address": ""}])


def create_levels() -> None:
    op.create_table(
        "stock_levels",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("variant_id", "location_id", name="pk_stock_levels"),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["stock_items.variant_id"],
            name="fk_stock_levels_variant_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name="fk_stock_levels_location_id"
        ),
        sa.CheckConstraint("reserved between 0 and on_hand", name=op.f("ck_stock_levels_reserved")),
        sa.CheckConstraint("is_offered OR reserved = 0", name=op.f("ck_stock_levels_offered")),
    )
    op.execute(
        "INSERT INTO stock_levels (variant_id, location_id, on_hand, reserved, is_offered)"
        " SELECT variant_id, main.id, on_hand, reserved, true FROM stock_items, locations AS main"
    )
    op.create_index("ix_stock_levels_location_id", "stock_levels", ["location_id", "variant_id"])


def place_reservations() -> None:
    op.add_column(
        "reservations", sa.Column("location_id", sa.Uuid(), nullable=False, server_default=MAIN)
    )
    op.alter_column("reservations", "location_id", server_default=None)
    op.drop_constraint("fk_reservations_variant_id", "reservations")
    op.drop_constraint("pk_reservations", "reservations")
    op.create_primary_key(
        "pk_reservations", "reservations", ["order_id", "variant_id", "location_id"]
    )
    op.create_foreign_key(
        "fk_reservations_variant_id_location_id",
        "reservations",
        "stock_levels",
        ["variant_id", "location_id"],
        ["variant_id", "location_id"],
    )


def place_movements() -> None:
    op.add_column(
        "stock_movements",
        sa.Column("location_id", sa.Uuid(), nullable=False, server_default=MAIN),
    )
    op.alter_column("stock_movements", "location_id", server_default=None)
    op.add_column(
        "stock_movements",
        sa.Column("total_delta", sa.Integer(), nullable=False, server_default="0"),
    )
    op.execute("UPDATE stock_movements SET total_delta = on_hand_delta WHERE on_hand_delta <> 0")
    op.alter_column("stock_movements", "total_delta", server_default=None)
    op.drop_constraint("ck_stock_movements_delta", "stock_movements")
    op.create_check_constraint(
        op.f("ck_stock_movements_delta"),
        "stock_movements",
        "on_hand_delta <> 0 OR reserved_delta <> 0 OR total_delta <> 0",
    )
    op.drop_constraint("fk_stock_movements_variant_id", "stock_movements")
    op.create_foreign_key(
        "fk_stock_movements_variant_id_location_id",
        "stock_movements",
        "stock_levels",
        ["variant_id", "location_id"],
        ["variant_id", "location_id"],
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Forget the places: what lies at several of them lies together, as the totals have it."""
    op.drop_index("ix_stock_items_low", "stock_items")
    op.drop_index("ix_stock_movements_location_id", "stock_movements")
    op.drop_index("ix_stock_movements_number", "stock_movements")
    unplace_movements()
    unplace_reservations()
    op.drop_table("stock_levels")
    op.drop_table("locations")


def unplace_movements() -> None:
    op.drop_constraint("fk_stock_movements_variant_id_location_id", "stock_movements")
    op.drop_constraint("ck_stock_movements_delta", "stock_movements")
    # Of a transfer nothing is left, and what was closed has left the shop.
    op.execute("UPDATE stock_movements SET on_hand_delta = total_delta")
    op.execute("DELETE FROM stock_movements WHERE on_hand_delta = 0 AND reserved_delta = 0")
    op.create_check_constraint(
        op.f("ck_stock_movements_delta"),
        "stock_movements",
        "on_hand_delta <> 0 OR reserved_delta <> 0",
    )
    op.drop_column("stock_movements", "total_delta")
    op.drop_column("stock_movements", "location_id")
    op.create_foreign_key(
        "fk_stock_movements_variant_id",
        "stock_movements",
        "variants",
        ["variant_id"],
        ["id"],
        ondelete="CASCADE",
    )


def unplace_reservations() -> None:
    op.drop_constraint("fk_reservations_variant_id_location_id", "reservations")
    op.drop_constraint("pk_reservations", "reservations")
    # The states sort by what counts more: active, consumed, released.
    op.execute(
        "CREATE TEMPORARY TABLE joined ON COMMIT DROP AS"
        " SELECT order_id, variant_id, sum(quantity) AS quantity, state,"
        " max(expires_at) AS expires_at"
        " FROM (SELECT *, min(state) OVER (PARTITION BY order_id, variant_id) AS what_counts"
        " FROM reservations) AS it"
        " WHERE state = what_counts GROUP BY order_id, variant_id, state"
    )
    op.execute("TRUNCATE reservations")
    op.drop_column("reservations", "location_id")
    op.execute(
        "INSERT INTO reservations (order_id, variant_id, quantity, state, expires_at)"
        " SELECT order_id, variant_id, quantity, state, expires_at FROM joined"
    )
    op.create_primary_key("pk_reservations", "reservations", ["order_id", "variant_id"])
    op.create_foreign_key(
        "fk_reservations_variant_id", "reservations", "variants", ["variant_id"], ["id"]
    )
