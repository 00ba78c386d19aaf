"""Moderation that outlasts a review, words that no product has any more, and what is old."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Each word as it is written, or one of those that are nearest to it where it is not known.
MEANT = """
CREATE OR REPLACE FUNCTION nexus_meant(written text) RETURNS tsquery
    LANGUAGE sql STABLE STRICT PARALLEL SAFE SET pg_trgm.similarity_threshold = 0.25 {terms} AS $$
    SELECT coalesce(string_agg('(' || one.words || ')', ' & '), '')::tsquery
    FROM (
        SELECT word FROM unnest(tsvector_to_array(to_tsvector('nexus', nexus_plain(written))))
            AS it (word) LIMIT 8
    ) AS typed CROSS JOIN LATERAL (
        SELECT string_agg(quote_literal(word), ' | ') AS words FROM (
            SELECT typed.word
            UNION
            (SELECT k.word FROM known_words k
            WHERE k.alike % nexus_consonants(typed.word) AND {unknown}
            GROUP BY k.word
            ORDER BY max(similarity(k.alike, nexus_consonants(typed.word))) DESC, k.word LIMIT 3)
        ) AS it
    ) AS one
$$
"""
UNKNOWN = "NOT EXISTS (SELECT FROM known_words e WHERE e.word = typed.word)"
# A word stays known after its last product, so that writers need not look for others that have it.
# Read from end to end, the products would be gone through for each word that none of them has.
ON_SHOW = """
    SELECT FROM products p
    WHERE p.search @@ quote_literal(typed.word)::tsquery AND p.status = 'active'"""
UNUSED = f"""k.word <> typed.word AND ({UNKNOWN} OR NOT EXISTS ({ON_SHOW}))"""


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
    op.execute(MEANT.format(terms="SET enable_seqscan = off", unknown=UNUSED))


def downgrade() -> None:
    op.execute(MEANT.format(terms="", unknown=UNKNOWN))
    op.drop_index("ix_product_images_path", "product_images")
    op.drop_index("ix_jobs_finished_at", "jobs")
    op.drop_index("ix_stock_alerts_guests", "stock_alerts")
    op.drop_index("ix_reviews_hidden", "reviews")
    op.drop_table("review_holds")
