"""A sign-in, and the tokens that go by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Event, NotFound, Unauthenticated, new_id

# How long an answer that was lost on the way is given again to whoever asks again.
GRACE = timedelta(seconds=10)


class TokenInvalid(Unauthenticated):
    """A token that is malformed, forged, expired or revoked; which of them is not told."""


class TokenReused(Unauthenticated):
    """A refresh token that was exchanged before; its whole session has ended."""


@dataclass(eq=False)
class SessionNotFound(NotFound):
    session_id: UUID


@dataclass(frozen=True)
class RefreshReused(Event):
    """A session has ended since one of its old tokens came back, perhaps from a thief."""

    name: ClassVar[str] = "internal.refresh_reused"
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a session was begun: a kind of device, and a network too wide to be one address."""

    device: str = ""
    network: str = ""


_UNKNOWN = Origin()


@dataclass
class Session(Aggregate):
    """One sign-in: a family of refresh tokens of which only the latest is good."""

    id: UUID
    user_id: UUID
    refresh_id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    rotated_at: datetime
    origin: Origin = _UNKNOWN
    previous_id: UUID | None = None
    revoked_at: datetime | None = None

    @classmethod
    def begin(
        cls, user_id: UUID, *, at: datetime, lifetime: timedelta, origin: Origin = _UNKNOWN
    ) -> Session:
        return cls(new_id(), user_id, new_id(), at, at, at + lifetime, at, origin)

    def is_open(self, *, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def exchange(self, refresh_id: UUID, *, at: datetime, lifetime: timedelta) -> bool:
        """Replace the latest refresh, or leave it to whoever repeats the exchange within GRACE.

        One before these ends the session, and the answer is False.
        """
        repeated = refresh_id == self.previous_id and at - self.rotated_at < GRACE
        if refresh_id != self.refresh_id and not repeated:
            self._end_for_reuse(at)
            return False
        if not self.is_open(at=at):
            raise TokenInvalid
        if not repeated:
            self._rotate(at, lifetime)
        return True

    def revoke(self, *, at: datetime) -> None:
        self.revoked_at = self.revoked_at or at

    def _end_for_reuse(self, at: datetime) -> None:
        if self.is_open(at=at):
            self.events.append(RefreshReused(self.user_id, self.id))
        self.revoke(at=at)

    def _rotate(self, at: datetime, lifetime: timedelta) -> None:
        self.previous_id, self.refresh_id = self.refresh_id, new_id()
        self.rotated_at = self.last_used_at = at
        self.expires_at = at + lifetime
