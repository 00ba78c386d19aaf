from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    String,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from nexus.adapters.sql.repository import SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.notices import Notice, NoticeNotFound
from nexus.domain.shared import Money

webhook_inbox = Table(
    "webhook_inbox",
    metadata,
    identity(),
    Column("provider", String(20), nullable=False),
    Column("key", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("reference", String(64)),
    Column("amount_minor", BigInteger),
    Column("currency", CHAR(3)),
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    Column("finding", String(40)),
    version(),
    UniqueConstraint("provider", "key"),
    CheckConstraint("(amount_minor is null) = (currency is null)", name="amount"),
    CheckConstraint("(handled_at is null) = (finding is null)", name="handled"),
)
Index(
    "ix_webhook_inbox_open",
    webhook_inbox.c.received_at,
    postgresql_where=webhook_inbox.c.handled_at.is_(None),
)


class SqlInbox(SqlRepository):
    def add(self, notice: Notice) -> bool:
        facts = {
            "id": notice.id,
            "provider": notice.provider,
            "key": notice.key,
            "kind": notice.kind,
            "reference": notice.reference,
            "amount_minor": notice.amount and notice.amount.minor,
            "currency": notice.amount and notice.amount.currency,
            "received_at": notice.received_at,
        }
        query = insert(webhook_inbox).values(facts).on_conflict_do_nothing()
        is_new = self._db.scalar(query.returning(webhook_inbox.c.id)) is not None
        if is_new:
            self._gather(notice)
        return is_new

    def save(self, notice: Notice) -> None:
        outcome = {"handled_at": notice.handled_at, "finding": notice.finding}
        self._update(webhook_inbox, notice, notice.id, outcome)

    def by_id(self, notice_id: UUID) -> Notice:
        query = select(webhook_inbox).where(webhook_inbox.c.id == notice_id)
        if row := self._db.execute(query).first():
            return _notice(row)
        raise NoticeNotFound(notice_id)


def _notice(row: Any) -> Notice:
    has_amount = row.amount_minor is not None
    return Notice(
        id=row.id,
        provider=row.provider,
        key=row.key,
        kind=row.kind,
        reference=row.reference,
        amount=Money(row.amount_minor, row.currency) if has_amount else None,
        received_at=row.received_at,
        handled_at=row.handled_at,
        finding=row.finding,
        version=row.version,
    )
