"""What shoppers say, wish and wait for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid, primary_key=True),
        belongs_to("product"),
        sa.Column("author_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("rating", sa.SmallInteger, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("verified_purchase", sa.Boolean, nullable=False),
        sa.Column("is_hidden", sa.Boolean, nullable=False),
        sa.Column("helpful_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("product_id", "author_id"),
        sa.CheckConstraint("rating between 1 and 5", name="rating"),
        sa.CheckConstraint("helpful_count >= 0", name="helpful_count"),
    )
    op.create_index("ix_reviews_author_id", "reviews", ["author_id"])
    op.create_index("ix_reviews_newest", "reviews", ["product_id", "id"])
    op.create_index("ix_reviews_helpful", "reviews", ["product_id", "helpful_count", "id"])
    shown = sa.text("NOT is_hidden")
    op.create_index(
        "ix_reviews_rating", "reviews", ["product_id", "rating"], postgresql_where=shown
    )
    op.create_table(
        "review_votes",
        belongs_to("review"),
        sa.Column("voter_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("voted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("review_id", "voter_id"),
    )
    op.create_index("ix_review_votes_voter_id", "review_votes", ["voter_id"])
    create_wishlists()
    create_stock_alerts()


def create_wishlists() -> None:
    op.create_table(
        "wishlists",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("share_key", sa.Uuid, unique=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    )
    name = sa.text("lower(name)")
    op.create_index("uq_wishlists_name", "wishlists", ["customer_id", name], unique=True)
    default = sa.text("is_default")
    op.create_index(
        "uq_wishlists_default", "wishlists", ["customer_id"], unique=True, postgresql_where=default
    )
    op.create_table(
        "wishes",
        sa.Column("id", sa.Uuid, primary_key=True),
        belongs_to("wishlist"),
        belongs_to("product"),
        belongs_to("variant", nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.UniqueConstraint(
            "wishlist_id", "product_id", "variant_id", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_wishes_product_id", "wishes", ["product_id"])
    op.create_index("ix_wishes_variant_id", "wishes", ["variant_id"])
    op.create_index("ix_wishes_newest", "wishes", ["wishlist_id", "id"])


def create_stock_alerts() -> None:
    op.create_table(
        "stock_alerts",
        sa.Column("id", sa.Uuid, primary_key=True),
        belongs_to("product"),
        belongs_to("variant", nullable=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.id")),
        sa.Column("email", sa.String(254)),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(user_id is null) <> (email is null)", name="one_reader"),
        sa.UniqueConstraint(
            "product_id", "variant_id", "user_id", "email", postgresql_nulls_not_distinct=True
        ),
    )
    for column in ("variant_id", "user_id", "email"):
        op.create_index(f"ix_stock_alerts_{column}", "stock_alerts", [column])


def belongs_to(noun: str, *, nullable: bool = False) -> sa.Column:
    owner = sa.ForeignKey(f"{noun}s.id", ondelete="CASCADE")
    return sa.Column(f"{noun}_id", sa.Uuid, owner, nullable=nullable)


def downgrade() -> None:
    """Forget what was said of products, and what it came to; their listings follow at once."""
    rated = "rating_average IS NOT NULL OR rating_count > 0"
    op.execute(f"UPDATE products SET rating_average = NULL, rating_count = 0 WHERE {rated}")
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("SET CONSTRAINTS ALL DEFERRED")
    for table in ("stock_alerts", "wishes", "wishlists", "review_votes", "reviews"):
        op.drop_table(table)
