"""Tokens for programs: made, and withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.api_tokens import ApiToken, ApiTokenNotFound, held_by
from nexus.domain.shared import invalid


@dataclass(frozen=True, slots=True)
class NewApiToken:
    """A token just made, with the secret that nobody sees again."""

    id: UUID
    name: str
    prefix: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime | None
    token: str
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class CreateApiToken:
    """Make a token that may do some of what its owner may; raise ValidationFailed for more."""

    start_work: StartWork
    now: Clock

    def __call__(
        self,
        *,
        owner: UUID,
        name: str,
        permissions: frozenset[str] = frozenset(),
        expires_at: datetime | None = None,
    ) -> NewApiToken:
        with self.start_work() as work:
            user = work.users.by_id(owner)
            if beyond := permissions - held_by(user.role, user.permissions):
                raise invalid("permissions", f"You do not have: {', '.join(sorted(beyond))}.")
            token, secret = ApiToken.issue(
                owner, name, permissions, at=self.now(), expires_at=expires_at
            )
            work.api_tokens.add(token)
        return NewApiToken(
            token.id,
            token.name,
            token.prefix,
            sorted(permissions),
            token.created_at,
            token.expires_at,
            secret,
        )


@dataclass(frozen=True)
class RevokeApiToken:
    """Make one of the owner's tokens good for nothing, at once; raise ApiTokenNotFound."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, token_id: UUID, owner: UUID) -> None:
        with self.start_work() as work:
            token = work.api_tokens.lock(token_id, owner=owner)
            if token.revoked_at:
                raise ApiTokenNotFound(token_id)
            token.revoke(at=self.now())
            work.api_tokens.save(token)
