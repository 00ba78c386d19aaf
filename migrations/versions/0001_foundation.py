"""foundation"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("data", postgresql.JSONB, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("expanded_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    new = sa.text("expanded_at IS NULL")
    op.create_index("ix_outbox_new", "outbox", ["id"], postgresql_where=new)
    op.create_index("ix_outbox_expanded_at", "outbox", ["expanded_at"])

    op.create_table(
        "reactions",
        sa.Column("id", sa.Uuid),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("reaction", sa.String(80), nullable=False),
        sa.Column("status", sa.String(10), nullable=False, server_default="owed"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("rung_at", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("last_error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_reactions"),
        sa.UniqueConstraint("event_id", "reaction", name="uq_reactions_event_id_reaction"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["outbox.id"], name="fk_reactions_event_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("status in ('owed', 'done', 'dead')", name="ck_reactions_status"),
        sa.CheckConstraint("attempts >= 0", name="ck_reactions_attempts"),
    )
    owed = sa.text("status = 'owed'")
    op.create_index("ix_reactions_owed", "reactions", ["due_at"], postgresql_where=owed)

    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(64)),
        sa.Column("route", sa.Text),
        sa.Column("key", sa.String(255)),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("status", sa.SmallInteger),
        sa.Column("headers", postgresql.JSONB),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("caller", "route", "key", name="pk_idempotency_keys"),
        sa.CheckConstraint("(status is null) = (body is null)", name="ck_idempotency_keys_answer"),
    )
    op.create_index("ix_idempotency_keys_begun_at", "idempotency_keys", ["begun_at"])


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("reactions")
    op.drop_table("outbox")
