"""Payments and the inbox of their news."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _payments()
    _webhook_inbox()


def downgrade() -> None:
    op.drop_table("webhook_inbox")
    op.drop_table("payments")


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("refunded_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("checkout_url", sa.Text),
        sa.Column("provider_reference", sa.String(64)),
        sa.Column("method", sa.String(64)),
        sa.Column("failure_reason", sa.Text),
        sa.Column("unmatched_reason", sa.String(20)),
        sa.Column("received_minor", sa.BigInteger),
        sa.Column("received_currency", sa.CHAR(3)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("completed_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("next_check_at", MOMENT),
        sa.Column("checks", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_payments_order_id"),
        sa.UniqueConstraint("reference", "provider", name="uq_payments_reference_provider"),
        sa.CheckConstraint(
            "status in ('pending', 'succeeded', 'failed', 'cancelled', 'partially_refunded',"
            " 'refunded')",
            name="status",
        ),
        sa.CheckConstraint(
            "amount_minor >= 0 and refunded_minor between 0 and amount_minor",
            name="amounts",
        ),
        sa.CheckConstraint(
            "(received_minor is null) = (received_currency is null)", name="received"
        ),
        sa.CheckConstraint("(status = 'pending') = (completed_at is null)", name="completed"),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id"])
    _partial("uq_payments_pending", "order_id", "status = 'pending'", unique=True)
    paid = "status in ('succeeded', 'partially_refunded', 'refunded') and unmatched_reason is null"
    _partial("uq_payments_paid", "order_id", paid, unique=True)
    _partial("ix_payments_next_check_at", "next_check_at", "next_check_at is not null")
    _partial("ix_payments_unmatched", "id", "unmatched_reason is not null")


def _partial(name: str, column: str, where: str, *, unique: bool = False) -> None:
    op.create_index(name, "payments", [column], unique=unique, postgresql_where=sa.text(where))


def _webhook_inbox() -> None:
    op.create_table(
        "webhook_inbox",
        sa.Column("id", sa.Uuid),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(64)),
        sa.Column("amount_minor", sa.BigInteger),
        sa.Column("currency", sa.CHAR(3)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT),
        sa.Column("finding", sa.String(40)),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_inbox"),
        sa.UniqueConstraint("provider", "key", name="uq_webhook_inbox_provider_key"),
        sa.CheckConstraint("(amount_minor is null) = (currency is null)", name="amount"),
        sa.CheckConstraint("(handled_at is null) = (finding is null)", name="handled"),
    )
    op.create_index(
        "ix_webhook_inbox_open",
        "webhook_inbox",
        ["received_at"],
        postgresql_where=sa.text("handled_at is null"),
    )
