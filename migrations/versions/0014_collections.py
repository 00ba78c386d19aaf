"""collections, what was bought together, and what was seen of late"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    op.drop_table("collection_products")
    op.drop_table("collections")
