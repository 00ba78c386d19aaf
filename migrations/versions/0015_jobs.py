"""Jobs, with the work that each still has to do, and where pictures were taken from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_jobs()
    create_slices()
    create_pictures()
    op.add_column("product_images", sa.Column("source", sa.Text))
    op.create_index(
        "uq_product_images_source",
        "product_images",
        ["product_id", "source"],
        unique=True,
        postgresql_where=sa.text("source IS NOT NULL"),
    )


def create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("created_by", sa.Uuid),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("counts", postgresql.JSONB, nullable=False),
        sa.Column("errors", postgresql.JSONB, nullable=False),
        sa.Column("error_count", sa.Integer, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'succeeded', 'failed')", name=op.f("ck_jobs_status")
        ),
        sa.CheckConstraint(
            "done between 0 and total AND error_count >= 0", name=op.f("ck_jobs_progress")
        ),
        sa.CheckConstraint(
            "(finished_at is not null) = (status in ('succeeded', 'failed'))",
            name=op.f("ck_jobs_finished_at"),
        ),
    )


def create_slices() -> None:
    op.create_table(
        "job_slices",
        sa.Column("job_id", sa.Uuid),
        sa.Column("stage", sa.Integer),
        sa.Column("row", sa.Integer),
        sa.Column("content", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "stage", "row", name="pk_job_slices"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_job_slices_job_id", ondelete="CASCADE"
        ),
    )


def create_pictures() -> None:
    op.create_table(
        "job_pictures",
        sa.Column("job_id", sa.Uuid),
        sa.Column("name", sa.Text),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "name", name="pk_job_pictures"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_job_pictures_job_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_index("uq_product_images_source", table_name="product_images")
    op.drop_column("product_images", "source")
    for table in ("job_pictures", "job_slices", "jobs"):
        op.drop_table(table)
