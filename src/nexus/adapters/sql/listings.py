"""What lists of products are read from. Triggers keep it, so that no writer can forget to.

A product, active or not, has a listing in each category that it lies in, in all those above it,
and in EVERYTHING. They refer to products and categories by no foreign key: they are written when
a transaction ends, and must not wait then for a product that somebody else is working on.
"""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Index,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)

from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.schema import Moment, metadata, minor

EVERYTHING = UUID(int=0)

listings = Table(
    "listings",
    metadata,
    Column("category_id", Uuid, primary_key=True),
    Column("product_id", Uuid, primary_key=True),
    Column("is_active", Boolean, nullable=False),
    Column("in_stock", Boolean, nullable=False),
    Column("is_featured", Boolean, nullable=False),
    Column("on_sale", Boolean, nullable=False),
    minor("price"),
    Column("created_at", Moment, nullable=False),
    Column("plain_name", Text(collation="C"), nullable=False),
    Column("rating", Numeric(3, 2), nullable=False),
    Column("sold", BigInteger, nullable=False),
)
_SORTED_BY = {
    "price": "price_minor",
    "newest": "created_at",
    "name": "plain_name",
    "rating": "rating",
    "popularity": "sold",
}
for _name, _key in _SORTED_BY.items():
    Index(
        f"ix_listings_{_name}",
        listings.c.category_id,
        text(_key),
        listings.c.product_id,
        postgresql_where=listings.c.is_active,
    )
_FEW = {
    "featured": "is_active AND is_featured",
    "on_sale": "is_active AND on_sale",
    "sold_out": "is_active AND NOT in_stock",
    "hidden": "NOT is_active",
}
for _name, _condition in _FEW.items():
    Index(
        f"ix_listings_{_name}",
        listings.c.category_id,
        listings.c.created_at,
        listings.c.product_id,
        postgresql_where=text(_condition),
    )
Index("ix_listings_known", listings.c.category_id, listings.c.created_at, listings.c.product_id)

listing_counts = Table(
    "listing_counts",
    metadata,
    Column("category_id", Uuid, primary_key=True),
    Column("products", BigInteger, nullable=False),
)

# What a transaction has changed so far; nobody ever sees a row of another's.
listing_changes = Table(
    "listing_changes",
    metadata,
    Column("product_ids", ARRAY(Uuid), nullable=False),
    prefixes=["UNLOGGED"],
)

_COUNT_SALES = text("""
SELECT count(*), nexus_relist(array_agg(product_id)) FROM (
    SELECT l.product_id FROM (
        SELECT v.product_id, sum(s.sold) AS sold
        FROM stock_items s JOIN variants v ON v.id = s.variant_id
        WHERE s.sold > 0 GROUP BY v.product_id
    ) AS it JOIN listings l ON l.product_id = it.product_id AND l.category_id = :everything
    WHERE l.sold <> it.sold LIMIT :most
) AS it HAVING count(*) > 0
""")


class SqlPopularity:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count_sales(self, *, most: int) -> int:
        with refusals(), self._engine.begin() as db:
            row = db.execute(_COUNT_SALES, {"everything": EVERYTHING, "most": most}).first()
            return row[0] if row else 0
