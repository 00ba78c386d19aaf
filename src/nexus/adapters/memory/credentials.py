from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.domain.api_tokens import ApiToken, ApiTokenNotFound
from nexus.domain.factors import SecondFactorExists, TotpFactor
from nexus.domain.sessions import Session


class MemorySessions:
    def __init__(self, tables: Tables) -> None:
        self._sessions = tables.table("sessions")

    def add(self, session: Session) -> None:
        self._sessions.insert(session.id, session)

    def save(self, session: Session) -> None:
        self._sessions.update(session.id, session)

    def lock(self, session_id: UUID, *, owner: UUID | None = None) -> Session | None:
        session: Session | None = self._sessions.get(session_id)
        if session is None or owner not in (None, session.user_id):
            return None
        return session

    def touch(self, session_id: UUID, *, at: datetime) -> None:
        if session := self.lock(session_id):
            session.last_used_at = at
            self._sessions.insert(session_id, session)

    def revoke_all(self, user_id: UUID, *, at: datetime, but: UUID | None = None) -> None:
        for session in self._sessions.where(lambda it: it.user_id == user_id and it.id != but):
            session.revoke(at=at)
            self.save(session)

    def forget(self, *, before: datetime) -> int:
        old = self._sessions.where(lambda it: it.expires_at < before)
        for session in old:
            self._sessions.delete(session.id)
        return len(old)


class MemoryTotpFactors:
    def __init__(self, tables: Tables) -> None:
        self._factors = tables.table("totp_factors")

    def add(self, factor: TotpFactor) -> None:
        if self.lock(factor.user_id):
            raise SecondFactorExists
        self._factors.insert(factor.id, factor)

    def save(self, factor: TotpFactor) -> None:
        self._factors.update(factor.id, factor)

    def remove(self, factor: TotpFactor) -> None:
        self._factors.delete(factor.id)

    def lock(self, user_id: UUID) -> TotpFactor | None:
        return self._factors.first(lambda it: it.user_id == user_id)


class MemoryApiTokens:
    def __init__(self, tables: Tables) -> None:
        self._tokens = tables.table("api_tokens")

    def add(self, token: ApiToken) -> None:
        self._tokens.insert(token.id, token)

    def save(self, token: ApiToken) -> None:
        self._tokens.update(token.id, token)

    def lock(self, token_id: UUID, *, owner: UUID) -> ApiToken:
        token: ApiToken | None = self._tokens.get(token_id)
        if token is None or token.user_id != owner:
            raise ApiTokenNotFound(token_id)
        return token

    def revoke_all(self, user_id: UUID, *, at: datetime) -> None:
        for token in self._tokens.where(lambda it: it.user_id == user_id and not it.revoked_at):
            token.revoked_at = at
            self.save(token)

    def touch(self, token_id: UUID, *, at: datetime) -> None:
        token: ApiToken | None = self._tokens.get(token_id)
        if token is not None:
            token.last_used_at = at
            self._tokens.insert(token_id, token)
