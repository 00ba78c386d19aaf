"""Collections, what was bought together, and what was seen of late."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("slug", sa.String(120, collation="C"), nullable=False),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("image_url", sa.Text),
        sa.Column("meta_title", sa.String(200), nullable=False, server_default=""),
        sa.Column("meta_description", sa.String(500), nullable=False, server_default=""),
        sa.Column("rule", JSONB),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("slug", name="uq_collections_slug"),
        sa.CheckConstraint(
            "jsonb_typeof(rule -> 'conditions') = 'array'", op.f("ck_collections_rule")
        ),
    )
    op.create_table(
        "collection_products",
        sa.Column("collection_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name="pk_collection_products"),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            "fk_collection_products_collection_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            "fk_collection_products_product_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_collection_products_position",
        "collection_products",
        ["collection_id", "position", "product_id"],
    )
    op.create_index("ix_collection_products_product_id", "collection_products", ["product_id"])
    _create_recommendations()


def _create_recommendations() -> None:
    op.create_table(
        "bought_together",
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("other_id", sa.Uuid, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "other_id", name="pk_bought_together"),
        sa.CheckConstraint(
            "times > 0 AND product_id <> other_id", op.f("ck_bought_together_times")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["products.id"], f"fk_bought_together_{column}", ondelete="CASCADE"
            )
            for column in ("product_id", "other_id")
        ),
    )
    op.create_index(
        "ix_bought_together_times", "bought_together", ["product_id", "times", "other_id"]
    )
    op.create_index("ix_bought_together_other_id", "bought_together", ["other_id"])
    op.create_table(
        "counted_orders",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counted_orders"),
        sa.CheckConstraint("id = 1", op.f("ck_counted_orders_id")),
    )
    op.create_index(
        "ix_orders_confirmed_at",
        "orders",
        ["confirmed_at", "id"],
        postgresql_where=sa.text("confirmed_at IS NOT NULL"),
    )
    op.create_table(
        "product_views",
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("viewed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "product_id", name="pk_product_views"),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], f"fk_product_views_{one}_id", ondelete="CASCADE"
            )
            for one in ("user", "product")
        ),
    )
    op.create_index("ix_product_views_viewed_at", "product_views", ["user_id", "viewed_at"])
    op.create_index("ix_product_views_product_id", "product_views", ["product_id"])


def downgrade() -> None:
    op.drop_table("product_views")
    op.drop_index("ix_orders_confirmed_at", "orders")
    op.drop_table("counted_orders")
    op.drop_table("bought_together")
    op.drop_table("collection_products")
    op.drop_table("collections")
