"""accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("reset_asked_at", MOMENT))
    op.add_column("users", sa.Column("closed_at", MOMENT))
    closed = "closed_at is null or not is_active"
    op.create_check_constraint(op.f("ck_users_closed"), "users", closed)

    email = sa.Column("email", sa.String(254), server_default="", nullable=False)
    op.add_column("one_time_tokens", email)
    op.execute(
        "UPDATE one_time_tokens SET email = users.email FROM users"
        " WHERE users.id = one_time_tokens.user_id"
    )
    op.create_index("ix_one_time_tokens_expires_at", "one_time_tokens", ["expires_at"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_sessions_expires_at", "sessions")
    op.drop_index("ix_one_time_tokens_expires_at", "one_time_tokens")
    op.drop_column("one_time_tokens", "email")
    op.drop_constraint(op.f("ck_users_closed"), "users")
    op.drop_column("users", "closed_at")
    op.drop_column("users", "reset_asked_at")
