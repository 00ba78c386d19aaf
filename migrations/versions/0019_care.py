"""Moderation that outlasts a review; and what forgetting needs to find what is old."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    product = sa.ForeignKey("products.id", ondelete="CASCADE")
    op.create_table(
        "review_holds",
        sa.Column("author_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("product_id", sa.Uuid, product, nullable=False),
        sa.PrimaryKeyConstraint("author_id", "product_id"),
    )
    op.create_index("ix_review_holds_product_id", "review_holds", ["product_id"])
    hidden, guests = sa.text("is_hidden"), sa.text("user_id IS NULL")
    op.create_index("ix_reviews_hidden", "reviews", ["id"], postgresql_where=hidden)
    op.create_index(
        "ix_stock_alerts_guests", "stock_alerts", ["created_at"], postgresql_where=guests
    )
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"])
    op.create_index("ix_product_images_path", "product_images", ["path"])


def downgrade() -> None:
    op.drop_index("ix_product_images_path", "product_images")
    op.drop_index("ix_jobs_finished_at", "jobs")
    op.drop_index("ix_stock_alerts_guests", "stock_alerts")
    op.drop_index("ix_reviews_hidden", "reviews")
    op.drop_table("review_holds")
