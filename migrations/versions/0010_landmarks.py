"""What an address lies beside, which in Ethiopia says more than a street."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    landmark = sa.Column("landmark", sa.String(200), nullable=False, server_default="")
    op.add_column("addresses", landmark)


def downgrade() -> None:
    op.drop_column("addresses", "landmark")
