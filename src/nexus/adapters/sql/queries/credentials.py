"""What people see of the sessions, factors and tokens that are theirs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select

from nexus.adapters.sql.api_tokens import api_tokens
from nexus.adapters.sql.factors import totp_factors
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.sessions import sessions
from nexus.application.ports.credentials import ApiTokenEntry, FactorEntry, SessionEntry

_SESSIONS = (
    select(
        sessions.c.id,
        sessions.c.created_at,
        sessions.c.last_used_at,
        sessions.c.device,
        sessions.c.network,
    )
    .where(sessions.c.user_id == bindparam("user_id"), sessions.c.revoked_at.is_(None))
    .where(sessions.c.expires_at > bindparam("at"))
    .order_by(sessions.c.last_used_at.desc(), sessions.c.id.desc())
)
_FACTORS = select(
    literal("totp").label("kind"),
    totp_factors.c.confirmed_at,
    func.cardinality(totp_factors.c.recovery_hashes).label("recovery_codes_left"),
).where(totp_factors.c.user_id == bindparam("user_id"), totp_factors.c.confirmed_at.is_not(None))
_API_TOKENS = (
    select(
        api_tokens.c.id,
        api_tokens.c.name,
        api_tokens.c.prefix,
        api_tokens.c.permissions,
        api_tokens.c.created_at,
        api_tokens.c.expires_at,
        api_tokens.c.last_used_at,
    )
    .where(api_tokens.c.user_id == bindparam("user_id"), api_tokens.c.revoked_at.is_(None))
    .order_by(api_tokens.c.id.desc())
)


class SqlCredentialQueries(SqlQueries):
    def sessions_of(self, user_id: UUID, *, at: datetime) -> list[SessionEntry]:
        return [
            SessionEntry(**row._mapping) for row in self._all(_SESSIONS, user_id=user_id, at=at)
        ]

    def factors_of(self, user_id: UUID) -> list[FactorEntry]:
        return [FactorEntry(**row._mapping) for row in self._all(_FACTORS, user_id=user_id)]

    def api_tokens_of(self, user_id: UUID) -> list[ApiTokenEntry]:
        return [ApiTokenEntry(**row._mapping) for row in self._all(_API_TOKENS, user_id=user_id)]
