from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Table, Uuid, select, update

from nexus.adapters.sql.repository import SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.sessions import Session

sessions = Table(
    "sessions",
    metadata,
    identity(),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("refresh_id", Uuid, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    version(),
)


class SqlSessions(SqlRepository):
    def add(self, session: Session) -> None:
        self._insert(
            sessions,
            session,
            {
                "id": session.id,
                "user_id": session.user_id,
                "refresh_id": session.refresh_id,
                "created_at": session.created_at,
                "last_used_at": session.last_used_at,
                "expires_at": session.expires_at,
                "revoked_at": session.revoked_at,
            },
        )

    def save(self, session: Session) -> None:
        row = {
            "refresh_id": session.refresh_id,
            "last_used_at": session.last_used_at,
            "expires_at": session.expires_at,
            "revoked_at": session.revoked_at,
        }
        self._update(sessions, session, session.id, row)

    def lock(self, session_id: UUID) -> Session | None:
        query = select(sessions).where(sessions.c.id == session_id).with_for_update()
        row = self._db.execute(query).mappings().one_or_none()
        return Session(**row) if row else None

    def revoke_all(self, user_id: UUID, *, at: datetime) -> None:
        theirs = (sessions.c.user_id == user_id) & sessions.c.revoked_at.is_(None)
        ended = {"revoked_at": at, "version": sessions.c.version + 1}
        self._db.execute(update(sessions).where(theirs).values(ended))
