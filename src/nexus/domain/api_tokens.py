"""Tokens that programs call with, in the name of whoever made them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from nexus.domain.one_time_tokens import digest, new_secret
from nexus.domain.shared import Aggregate, Event, NotFound, invalid, new_id
from nexus.domain.users import PERMISSIONS, Role

PREFIX = "nxs_"
_SHOWN = len(PREFIX) + 6


@dataclass(eq=False)
class ApiTokenNotFound(NotFound):
    token_id: UUID


@dataclass(frozen=True)
class ApiTokenCreated(Event):
    name: ClassVar[str] = "internal.api_token_created"
    token_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class ApiTokenRevoked(Event):
    name: ClassVar[str] = "internal.api_token_revoked"
    token_id: UUID
    user_id: UUID


@dataclass
class ApiToken(Aggregate):
    """Half of a secret: its hash, and the few letters by which its owner knows it again."""

    id: UUID
    user_id: UUID
    name: str
    token_hash: str = field(repr=False)
    prefix: str
    permissions: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @classmethod
    def issue(
        cls,
        user_id: UUID,
        name: str,
        permissions: frozenset[str],
        *,
        at: datetime,
        expires_at: datetime | None,
    ) -> tuple[ApiToken, str]:
        """Return the token, and the secret that is shown this once; raise ValidationFailed."""
        if expires_at is not None and expires_at <= at:
            raise invalid("expires_at", "Must be in the future.")
        secret = PREFIX + new_secret()
        token = cls(
            new_id(), user_id, name, digest(secret), secret[:_SHOWN], permissions, at, expires_at
        )
        token.events.append(ApiTokenCreated(token.id, user_id))
        return token, secret

    def revoke(self, *, at: datetime) -> None:
        self.revoked_at = at
        self.events.append(ApiTokenRevoked(self.id, self.user_id))


def held_by(role: str, granted: Collection[str]) -> frozenset[str]:
    """Return what somebody of this role may do: an administrator everything, a customer nothing."""
    if role == Role.ADMIN:
        return PERMISSIONS
    return frozenset(granted) if role == Role.STAFF else frozenset()


def narrowed(role: str) -> Role:
    """Return the role that a token acts in: never an administrator's, whose power has no bounds."""
    return Role.CUSTOMER if role == Role.CUSTOMER else Role.STAFF
