from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    Table,
    Uuid,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from nexus.adapters.sql.catalog_tables import products
from nexus.adapters.sql.categories import keyed
from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.repository import SqlRepository
from nexus.adapters.sql.schema import Moment, metadata
from nexus.application.ports.recommendations import MOST_VIEWS
from nexus.domain.catalog import ProductStatus

bought_together = Table(
    "bought_together",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("other_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("times", BigInteger, nullable=False),
    CheckConstraint("times > 0 AND product_id <> other_id", name="times"),
    Index("ix_bought_together_times", "product_id", "times", "other_id"),
    Index("ix_bought_together_other_id", "other_id"),
)
# One row: the last order that was counted.
counted_orders = Table(
    "counted_orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("confirmed_at", Moment, nullable=False),
    Column("order_id", Uuid, nullable=False),
    CheckConstraint("id = 1", name="id"),
)
product_views = Table(
    "product_views",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("viewed_at", Moment, nullable=False),
    Index("ix_product_views_viewed_at", "user_id", "viewed_at"),
    Index("ix_product_views_product_id", "product_id"),
)

_BEGIN = """INSERT INTO counted_orders VALUES (1, '-infinity', %(nobody)s)
    ON CONFLICT (id) DO NOTHING"""
_LOCK = "SELECT FROM counted_orders FOR UPDATE"
# What comes in baskets of more is hardly chosen together, and their pairs are too many to count.
_LARGEST_BASKET = 40
_COUNT = f"""
    WITH fresh AS (
        SELECT o.confirmed_at, o.id FROM orders o, counted_orders last
        WHERE (o.confirmed_at, o.id) > (last.confirmed_at, last.order_id)
            AND o.confirmed_at <= %(until)s
        ORDER BY o.confirmed_at, o.id LIMIT %(most)s
    ), baskets AS (
        SELECT it.order_id, array_agg(DISTINCT it.product_id) AS held
        FROM fresh JOIN order_lines it ON it.order_id = fresh.id
        GROUP BY it.order_id HAVING count(DISTINCT it.product_id) BETWEEN 2 AND {_LARGEST_BASKET}
    ), pairs AS (
        SELECT one AS product_id, other AS other_id, count(*) AS times
        FROM baskets, unnest(held) AS one, unnest(held) AS other WHERE one <> other
        GROUP BY one, other
    ), noted AS (
        INSERT INTO bought_together AS b (product_id, other_id, times)
        SELECT * FROM pairs ORDER BY product_id, other_id
        ON CONFLICT (product_id, other_id) DO UPDATE SET times = b.times + excluded.times
    ), marked AS (
        UPDATE counted_orders SET (confirmed_at, order_id) = (
            SELECT confirmed_at, id FROM fresh ORDER BY confirmed_at DESC, id DESC LIMIT 1
        ) WHERE EXISTS (SELECT FROM fresh)
    )
    SELECT count(*) FROM fresh"""


class SqlBoughtTogether:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, *, until: datetime, most: int) -> int:
        with refusals(), self._engine.begin() as db:
            db.exec_driver_sql(_BEGIN, {"nobody": UUID(int=0)})
            db.exec_driver_sql(_LOCK)
            counted = db.exec_driver_sql(_COUNT, {"until": until, "most": most})
            return int(counted.scalar_one())


class SqlViews(SqlRepository):
    def note(self, user_id: UUID, product: str, *, at: datetime) -> None:
        seen = select(literal(user_id, Uuid), products.c.id, literal(at, Moment)).where(
            keyed(products, product), products.c.status == ProductStatus.ACTIVE
        )
        query = upsert(product_views).from_select(["user_id", "product_id", "viewed_at"], seen)
        latest = func.greatest(product_views.c.viewed_at, query.excluded.viewed_at)
        self._db.execute(
            query.on_conflict_do_update(
                constraint=product_views.primary_key, set_={"viewed_at": latest}
            )
        )
        mine = product_views.c.user_id == user_id
        newest = select(product_views.c.product_id).where(mine)
        beyond = newest.order_by(product_views.c.viewed_at.desc()).offset(MOST_VIEWS)
        self._db.execute(delete(product_views).where(mine, product_views.c.product_id.in_(beyond)))

    def forget(self, user_id: UUID) -> None:
        self._db.execute(delete(product_views).where(product_views.c.user_id == user_id))
