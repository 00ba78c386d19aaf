from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, Column, ForeignKey, String, Table, update

from nexus.adapters.sql.repository import SqlRepository
from nexus.adapters.sql.schema import Moment, metadata, version
from nexus.domain.one_time_tokens import OneTimeToken, Purpose

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("token_hash", CHAR(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("purpose", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    version(),
)


class SqlOneTimeTokens(SqlRepository):
    def add(self, token: OneTimeToken) -> None:
        row = {
            "token_hash": token.token_hash,
            "user_id": token.user_id,
            "purpose": token.purpose,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        self._insert(one_time_tokens, token, row)

    def take(self, token_hash: str, purpose: Purpose, *, at: datetime) -> UUID | None:
        t = one_time_tokens.c
        good = (t.token_hash == token_hash) & (t.purpose == purpose)
        unused = t.used_at.is_(None) & (t.expires_at > at)
        query = update(one_time_tokens).where(good & unused).values(used_at=at)
        return self._db.execute(query.returning(t.user_id)).scalar_one_or_none()
