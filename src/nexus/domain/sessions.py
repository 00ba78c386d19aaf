"""A sign-in, and the tokens that go by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nexus.domain.shared import Aggregate, Unauthenticated, new_id


class TokenInvalid(Unauthenticated):
    """A token that is malformed, forged, expired or revoked; which of them is not told."""


class TokenReused(Unauthenticated):
    """A refresh token that was exchanged before; its whole session has ended."""


@dataclass
class Session(Aggregate):
    """One sign-in: a family of refresh tokens of which only the latest is good."""

    id: UUID
    user_id: UUID
    refresh_id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @classmethod
    def begin(cls, user_id: UUID, *, at: datetime, lifetime: timedelta) -> Session:
        return cls(new_id(), user_id, new_id(), at, at, at + lifetime)

    def is_open(self, *, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def exchange(self, refresh_id: UUID, *, at: datetime, lifetime: timedelta) -> bool:
        """Replace the latest refresh; end the session, and answer False, for one before it."""
        if refresh_id != self.refresh_id:
            self.revoke(at=at)
            return False
        if not self.is_open(at=at):
            raise TokenInvalid
        self.refresh_id = new_id()
        self.last_used_at = at
        self.expires_at = at + lifetime
        return True

    def revoke(self, *, at: datetime) -> None:
        self.revoked_at = self.revoked_at or at
