from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, String, Table, Uuid, delete, func, select, update

from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.sessions import Origin, Session

sessions = Table(
    "sessions",
    metadata,
    identity(),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("refresh_id", Uuid, nullable=False),
    Column("previous_id", Uuid),
    Column("rotated_at", Moment, nullable=False, server_default=func.now()),
    Column("device", String(80), nullable=False, server_default=""),
    Column("network", String(50), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
    version(),
)


class SqlSessions(SqlRepository):
    def add(self, session: Session) -> None:
        fixed = {
            "id": session.id,
            "user_id": session.user_id,
            "created_at": session.created_at,
            "device": session.origin.device,
            "network": session.origin.network,
        }
        self._insert(sessions, session, fixed | _row(session))

    def save(self, session: Session) -> None:
        self._update(sessions, session, session.id, _row(session))

    def lock(self, session_id: UUID, *, owner: UUID | None = None) -> Session | None:
        query = select(sessions).where(sessions.c.id == session_id).with_for_update()
        if owner is not None:
            query = query.where(sessions.c.user_id == owner)
        row = self._db.execute(query).one_or_none()
        return _session(row) if row else None

    def touch(self, session_id: UUID, *, at: datetime) -> None:
        query = update(sessions).where(sessions.c.id == session_id)
        self._db.execute(query.values(last_used_at=at))

    def revoke_all(self, user_id: UUID, *, at: datetime, but: UUID | None = None) -> None:
        theirs = (sessions.c.user_id == user_id) & sessions.c.revoked_at.is_(None)
        if but is not None:
            theirs &= sessions.c.id != but
        ended = {"revoked_at": at, "version": sessions.c.version + 1}
        self._db.execute(update(sessions).where(theirs).values(ended))

    def forget(self, *, before: datetime) -> int:
        return self._db.execute(delete(sessions).where(sessions.c.expires_at < before)).rowcount


def _row(session: Session) -> Row:
    return {
        "refresh_id": session.refresh_id,
        "previous_id": session.previous_id,
        "rotated_at": session.rotated_at,
        "last_used_at": session.last_used_at,
        "expires_at": session.expires_at,
        "revoked_at": session.revoked_at,
    }


def _session(row: Any) -> Session:
    facts = dict(row._mapping)
    origin = Origin(facts.pop("device"), facts.pop("network"))
    return Session(**facts, origin=origin)
