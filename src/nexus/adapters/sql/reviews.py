from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    exists,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from nexus.adapters.sql.catalog_tables import products
from nexus.adapters.sql.changes import WRITES
from nexus.adapters.sql.errors import REFUSALS
from nexus.adapters.sql.order_tables import order_lines, orders
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.application.ports.community import Standing
from nexus.domain.order_statuses import BOUGHT
from nexus.domain.reviews import AlreadyReviewed, Rating, Review, ReviewNotFound
from nexus.domain.shared import Stale

reviews = Table(
    "reviews",
    metadata,
    identity(),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("author_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("rating", SmallInteger, nullable=False),
    Column("title", String(120), nullable=False),
    Column("comment", Text, nullable=False),
    Column("verified_purchase", Boolean, nullable=False),
    Column("is_hidden", Boolean, nullable=False),
    Column("helpful_count", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    version(),
    UniqueConstraint("product_id", "author_id"),
    CheckConstraint("rating between 1 and 5", name="rating"),
    CheckConstraint("helpful_count >= 0", name="helpful_count"),
)
Index("ix_reviews_newest", reviews.c.product_id, reviews.c.id)
Index("ix_reviews_helpful", reviews.c.product_id, reviews.c.helpful_count, reviews.c.id)
Index(
    "ix_reviews_rating",
    reviews.c.product_id,
    reviews.c.rating,
    postgresql_where=~reviews.c.is_hidden,
)
Index("ix_reviews_hidden", reviews.c.id, postgresql_where=reviews.c.is_hidden)

review_votes = Table(
    "review_votes",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False),
    Column("voter_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("voted_at", Moment, nullable=False),
    PrimaryKeyConstraint("review_id", "voter_id"),
)

# Whose next review of a product waits for moderators. Nothing is kept of what they took away.
review_holds = Table(
    "review_holds",
    metadata,
    Column("author_id", ForeignKey("users.id"), nullable=False),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("author_id", "product_id"),
)

REFUSALS["uq_reviews_product_id_author_id"] = AlreadyReviewed
# What it is about was removed between the look at it and what was said of it.
REFUSALS["fk_reviews_product_id"] = REFUSALS["fk_review_votes_review_id"] = Stale


class SqlReviews(SqlRepository):
    def lock_product(self, product_id: UUID) -> None:
        self._lock(select(products.c.id).where(products.c.id == product_id))

    def _lock(self, query: Any) -> None:
        # Orders, carts and lists may refer to the product meanwhile.
        self._db.execute(query.with_for_update(of=products, key_share=True))

    def add(self, review: Review) -> None:
        self._insert(reviews, review, _fixed(review) | _said(review))

    def save(self, review: Review) -> None:
        self._update(reviews, review, review.id, _said(review))

    def remove(self, review: Review) -> None:
        self._db.execute(delete(reviews).where(reviews.c.id == review.id))

    def by_id(self, review_id: UUID) -> Review:
        row = self._db.execute(select(*_KEPT).where(reviews.c.id == review_id)).first()
        if row is None:
            raise ReviewNotFound(review_id)
        return Review(**row._mapping)

    def lock(self, review_id: UUID) -> Review:
        # Read again behind the lock, since somebody may have changed it before.
        self._lock(select(products.c.id).join(reviews).where(reviews.c.id == review_id))
        return self.by_id(review_id)

    def hold_back(self, author_id: UUID, product_id: UUID) -> None:
        row = {"author_id": author_id, "product_id": product_id}
        self._db.execute(insert(review_holds).values(row))

    def rate(self, product_id: UUID) -> Rating:
        row = self._db.execute(_RATE, {"product_id": product_id}).one()
        average = row.rating_average
        return Rating(None if average is None else float(average), row.rating_count)

    def standing_of(self, author_id: UUID, product_id: UUID) -> Standing:
        h = review_holds.c
        mine = (h.author_id == author_id) & (h.product_id == product_id)
        taken = delete(review_holds).where(mine).returning(h.author_id).cte("taken")
        held = exists(select(taken.c.author_id))
        row = self._db.execute(select(_bought_by(author_id, product_id), held)).one()
        return Standing(*row)

    def verify_purchases(self, order_id: UUID) -> None:
        buyer = select(orders.c.customer_id).where(orders.c.id == order_id).scalar_subquery()
        held = select(order_lines.c.product_id).where(order_lines.c.order_id == order_id)
        bought = _bought_by(reviews.c.author_id, reviews.c.product_id)
        theirs = (reviews.c.author_id == buyer) & reviews.c.product_id.in_(held)
        query = update(reviews).where(theirs, reviews.c.verified_purchase != bought)
        self._db.execute(query.values(verified_purchase=bought))

    def vote(self, review_id: UUID, voter_id: UUID, *, at: datetime) -> None:
        row = {"review_id": review_id, "voter_id": voter_id, "voted_at": at}
        voting = insert(review_votes).values(row).on_conflict_do_nothing()
        if self._db.scalar(voting.returning(review_votes.c.review_id)):
            self._count(review_id, 1)

    def take_vote_back(self, review_id: UUID, voter_id: UUID) -> None:
        v = review_votes.c
        mine = (v.review_id == review_id) & (v.voter_id == voter_id)
        if self._db.execute(delete(review_votes).where(mine)).rowcount:
            self._count(review_id, -1)

    def _count(self, review_id: UUID, by: int) -> None:
        count = {"helpful_count": reviews.c.helpful_count + by}
        self._db.execute(update(reviews).where(reviews.c.id == review_id).values(count))


_RATE = text("""
    UPDATE products SET (rating_average, rating_count) = (
        SELECT round(avg(rating), 2), count(*) FROM reviews
        WHERE product_id = :product_id AND NOT is_hidden)
    WHERE id = :product_id RETURNING rating_average, rating_count
""").execution_options(**{WRITES: "products"})


def _bought_by(customer_id: Any, product_id: Any) -> ColumnElement[bool]:
    return (
        exists()
        .where(order_lines.c.order_id == orders.c.id)
        .where(order_lines.c.product_id == product_id, orders.c.customer_id == customer_id)
        .where(orders.c.status.in_(sorted(BOUGHT)))
    )


_FIXED = ("id", "product_id", "author_id", "verified_purchase", "created_at")
_SAID = ("rating", "title", "comment", "is_hidden", "updated_at")
_KEPT = [reviews.c[name] for name in (*_FIXED, *_SAID, "version")]


def _fixed(review: Review) -> Row:
    return {name: getattr(review, name) for name in _FIXED}


def _said(review: Review) -> Row:
    return {name: getattr(review, name) for name in _SAID}
