from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from nexus.adapters.sql.catalog_tables import products
from nexus.adapters.sql.categories import keyed
from nexus.adapters.sql.errors import REFUSALS
from nexus.adapters.sql.repository import SqlRepository, picked
from nexus.adapters.sql.schema import Moment, identity, metadata
from nexus.domain.shared import Stale
from nexus.domain.stock_alerts import MOST_ALERTS, StockAlert

stock_alerts = Table(
    "stock_alerts",
    metadata,
    identity(),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("variant_id", ForeignKey("variants.id", ondelete="CASCADE"), index=True),
    Column("user_id", ForeignKey("users.id"), index=True),
    Column("email", String(254), index=True),
    Column("locale", String(10), nullable=False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("(user_id is null) <> (email is null)", name="one_reader"),
    UniqueConstraint(
        "product_id", "variant_id", "user_id", "email", postgresql_nulls_not_distinct=True
    ),
)
Index(
    "ix_stock_alerts_guests",
    stock_alerts.c.created_at,
    postgresql_where=stock_alerts.c.user_id.is_(None),
)

# It was removed between the look at it and the wait for it.
REFUSALS["fk_stock_alerts_product_id"] = REFUSALS["fk_stock_alerts_variant_id"] = Stale


class SqlStockAlerts(SqlRepository):
    def add(self, alert: StockAlert) -> None:
        a = stock_alerts.c
        theirs = a.user_id == alert.user_id if alert.user_id else a.email == alert.email
        waits_for = select(func.count()).select_from(stock_alerts).where(theirs)
        row = [literal(getattr(alert, it.name), it.type) for it in a]
        few = select(*row).where(waits_for.scalar_subquery() < MOST_ALERTS)
        adding = insert(stock_alerts).from_select([it.name for it in a], few)
        self._db.execute(adding.on_conflict_do_nothing())

    def remove(self, *, user_id: UUID | None, email: str | None, product: str | None) -> int:
        a = stock_alerts.c
        theirs = a.user_id == user_id if user_id else a.email == email
        if product is not None:
            theirs &= a.product_id.in_(select(products.c.id).where(keyed(products, product)))
        return self._db.execute(delete(stock_alerts).where(theirs)).rowcount

    def wait_for(self, product_id: UUID) -> bool:
        theirs = select(stock_alerts.c.id).where(stock_alerts.c.product_id == product_id)
        return bool(self._db.scalar(select(theirs.exists())))

    def take(self, product_id: UUID, variant_id: UUID, *, limit: int) -> list[StockAlert]:
        a = stock_alerts.c
        waiting = (a.product_id == product_id) & (
            a.variant_id.is_(None) | (a.variant_id == variant_id)
        )
        some = select(a.id).where(waiting).order_by(a.id).limit(limit)
        taken = delete(stock_alerts).where(a.id.in_(picked(some)))
        rows = self._db.execute(taken.returning(stock_alerts))
        return [StockAlert(**row._mapping) for row in rows]

    def forget_guests(self, before: datetime, *, limit: int) -> int:
        a = stock_alerts.c
        old = select(a.id).where(a.user_id.is_(None), a.created_at < before).limit(limit)
        return self._db.execute(delete(stock_alerts).where(a.id.in_(picked(old)))).rowcount
