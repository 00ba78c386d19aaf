"""Reviews as readers see them, and what they come to."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, select, true

from nexus.adapters.sql.catalog_tables import products
from nexus.adapters.sql.categories import keyed
from nexus.adapters.sql.queries.keyset import sort_keys
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.reviews import reviews
from nexus.adapters.sql.users import users
from nexus.application.ports.community import (
    NamedProduct,
    RatingSummary,
    ReviewFilter,
    ShownReview,
)
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import ProductNotFound, ProductStatus
from nexus.domain.reviews import (
    LEAST_STARS,
    MOST_STARS,
    Reader,
    ReviewNotFound,
    display_name,
)

_STARS = range(MOST_STARS, LEAST_STARS - 1, -1)
# Ids are ordered by time, and have an index that knows the product.
_COLUMNS = {
    "created_at": reviews.c.id,
    "rating": reviews.c.rating,
    "helpful": reviews.c.helpful_count,
}
_TOLD = (
    *("rating", "title", "comment", "verified_purchase", "helpful_count", "is_hidden"),
    *("created_at", "updated_at"),
)


class SqlReviewQueries(SqlQueries):
    def reviews(self, wanted: PageWanted, which: ReviewFilter, reader: Reader) -> Page[ShownReview]:
        keys = sort_keys(which.ordering, _COLUMNS, reviews.c.id)
        return self._page(_shown(reader).where(*_conditions(which)), keys, wanted, _review)

    def reviews_of(
        self, key: str, wanted: PageWanted, which: ReviewFilter, reader: Reader
    ) -> Page[ShownReview]:
        page = self.reviews(wanted, replace(which, product=key), reader)
        if not page.items:
            self._require(key, reader)
        return page

    def _require(self, key: str, reader: Reader) -> None:
        query = select(products.c.id).where(keyed(products, key), _on_show(reader))
        if self._first(query) is None:
            raise ProductNotFound(key)

    def review(self, review_id: UUID, reader: Reader) -> ShownReview:
        row = self._first(_shown(reader).where(reviews.c.id == review_id))
        if row is None:
            raise ReviewNotFound(review_id)
        return _review(row)

    def summary(self, key: str) -> RatingSummary:
        row = self._first(_SUMMARY.where(keyed(products, key)))
        if row is None:
            raise ProductNotFound(key)
        average = row.rating_average
        return RatingSummary(
            rating_average=None if average is None else float(average),
            rating_count=row.rating_count,
            stars={str(it): row._mapping[f"stars_{it}"] for it in _STARS},
        )


_SUMMARY = (
    select(
        products.c.rating_average,
        products.c.rating_count,
        *(
            func.count(reviews.c.id).filter(reviews.c.rating == it).label(f"stars_{it}")
            for it in _STARS
        ),
    )
    .select_from(
        products.outerjoin(reviews, (reviews.c.product_id == products.c.id) & ~reviews.c.is_hidden)
    )
    .where(products.c.status == ProductStatus.ACTIVE)
    .group_by(products.c.id)
)


def _shown(reader: Reader) -> Select[Any]:
    mine = reviews.c.author_id == reader.user_id if reader.user_id else false()
    public = ~reviews.c.is_hidden & _on_show(reader)
    return (
        select(
            *(reviews.c[name] for name in ("id", "product_id", *_TOLD)),
            users.c.first_name,
            users.c.last_name,
            products.c.name.label("product_name"),
            products.c.slug.label("product_slug"),
        )
        .select_from(reviews.join(users).join(products))
        .where(true() if reader.moderates else public | mine)
    )


def _on_show(reader: Reader) -> ColumnElement[bool]:
    return true() if reader.moderates else products.c.status == ProductStatus.ACTIVE


def _conditions(which: ReviewFilter) -> list[ColumnElement[bool]]:
    asked = []
    if which.product is not None:
        named = select(products.c.id).where(keyed(products, which.product))
        asked.append(reviews.c.product_id == named.scalar_subquery())
    if which.rating is not None:
        asked.append(reviews.c.rating == which.rating)
    if which.verified is not None:
        asked.append(reviews.c.verified_purchase.is_(which.verified))
    if which.hidden is not None:
        asked.append(reviews.c.is_hidden if which.hidden else ~reviews.c.is_hidden)
    return asked


def _review(row: Any) -> ShownReview:
    return ShownReview(
        id=row.id,
        product_id=row.product_id,
        product=NamedProduct(row.product_id, row.product_name, row.product_slug),
        author=display_name(row.first_name, row.last_name),
        **{name: getattr(row, name) for name in _TOLD},
    )
