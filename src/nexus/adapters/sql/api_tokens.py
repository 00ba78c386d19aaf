from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    select,
    update,
)

from nexus.adapters.sql.repository import SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.api_tokens import ApiToken, ApiTokenNotFound

api_tokens = Table(
    "api_tokens",
    metadata,
    identity(),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("token_hash", CHAR(64), nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("permissions", ARRAY(String(40)), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    version(),
    UniqueConstraint("token_hash"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
)


class SqlApiTokens(SqlRepository):
    def add(self, token: ApiToken) -> None:
        row = {
            "id": token.id,
            "user_id": token.user_id,
            "name": token.name,
            "token_hash": token.token_hash,
            "prefix": token.prefix,
            "permissions": sorted(token.permissions),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        self._insert(api_tokens, token, row)

    def save(self, token: ApiToken) -> None:
        self._update(api_tokens, token, token.id, {"revoked_at": token.revoked_at})

    def lock(self, token_id: UUID, *, owner: UUID) -> ApiToken:
        theirs = (api_tokens.c.id == token_id) & (api_tokens.c.user_id == owner)
        row = self._db.execute(select(api_tokens).where(theirs).with_for_update()).one_or_none()
        if row is None:
            raise ApiTokenNotFound(token_id)
        return ApiToken(**dict(row._mapping) | {"permissions": frozenset(row.permissions)})

    def revoke_all(self, user_id: UUID, *, at: datetime) -> None:
        theirs = (api_tokens.c.user_id == user_id) & api_tokens.c.revoked_at.is_(None)
        ended = {"revoked_at": at, "version": api_tokens.c.version + 1}
        self._db.execute(update(api_tokens).where(theirs).values(ended))

    def touch(self, token_id: UUID, *, at: datetime) -> None:
        query = update(api_tokens).where(api_tokens.c.id == token_id)
        self._db.execute(query.values(last_used_at=at))
