"""limits"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counts",
        sa.Column("key", sa.String(32)),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("key", "ends_at", name="pk_counts"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_counts_ends_at", "counts", ["ends_at"])


def downgrade() -> None:
    op.drop_table("counts")
