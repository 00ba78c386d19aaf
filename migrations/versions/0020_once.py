"""What a request with an Idempotency-Key has done is written down as it is done."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("outcome", sa.Uuid))


def downgrade() -> None:
    op.drop_column("idempotency_keys", "outcome")
