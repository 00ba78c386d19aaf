from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CHAR,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    delete,
    select,
    update,
)

from nexus.adapters.sql.repository import SqlRepository
from nexus.adapters.sql.schema import Moment, metadata, version
from nexus.domain.one_time_tokens import OneTimeToken, Purpose

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("token_hash", CHAR(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("purpose", String(20), nullable=False),
    # Where it was mailed to; no address is empty, so one of before this column proves none.
    Column("email", String(254), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    version(),
)
Index("ix_one_time_tokens_expires_at", one_time_tokens.c.expires_at)


class SqlOneTimeTokens(SqlRepository):
    def add(self, token: OneTimeToken) -> None:
        row = {
            "token_hash": token.token_hash,
            "user_id": token.user_id,
            "purpose": token.purpose,
            "email": token.email,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        self._insert(one_time_tokens, token, row)

    def find(self, token_hash: str, purpose: Purpose, *, at: datetime) -> OneTimeToken | None:
        query = select(one_time_tokens).where(_good(token_hash, purpose, at))
        row = self._db.execute(query).one_or_none()
        return OneTimeToken(**dict(row._mapping) | {"purpose": purpose}) if row else None

    def take(self, token_hash: str, purpose: Purpose, *, at: datetime) -> UUID | None:
        query = update(one_time_tokens).where(_good(token_hash, purpose, at)).values(used_at=at)
        return self._db.execute(query.returning(one_time_tokens.c.user_id)).scalar_one_or_none()

    def use_up_all(self, user_id: UUID, *, at: datetime) -> None:
        t = one_time_tokens.c
        theirs = (t.user_id == user_id) & t.used_at.is_(None)
        self._db.execute(update(one_time_tokens).where(theirs).values(used_at=at))

    def forget(self, *, before: datetime) -> int:
        old = delete(one_time_tokens).where(one_time_tokens.c.expires_at < before)
        return self._db.execute(old).rowcount


def _good(token_hash: str, purpose: Purpose, at: datetime) -> ColumnElement[bool]:
    t = one_time_tokens.c
    known = (t.token_hash == token_hash) & (t.purpose == purpose)
    return known & t.used_at.is_(None) & (t.expires_at > at)
