"""Lists read the first variant of a product, and which of them are sold, from an index alone."""

from alembic import op
from sqlalchemy import text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_variants_product_id", "variants")
    first = ["product_id", text("is_active DESC"), "position", "id"]
    op.create_index("ix_variants_product_id", "variants", first, postgresql_include=["sku"])


def downgrade() -> None:
    op.drop_index("ix_variants_product_id", "variants")
    op.create_index("ix_variants_product_id", "variants", ["product_id", "position", "id"])
