"""What proves who calls, beside the password: sessions, second factors and API tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.domain.api_tokens import ApiToken
from nexus.domain.factors import TotpFactor
from nexus.domain.sessions import Session


class Sessions(Protocol):
    def add(self, session: Session) -> None: ...
    def save(self, session: Session) -> None: ...

    def lock(self, session_id: UUID, *, owner: UUID | None = None) -> Session | None:
        """Return the session, kept from other work; none that is another's than the owner's."""

    def touch(self, session_id: UUID, *, at: datetime) -> None:
        """Remember when it was used, whatever other work does to it."""

    def revoke_all(self, user_id: UUID, *, at: datetime, but: UUID | None = None) -> None:
        """End every session of the user that is still open, but for the one that is named."""

    def forget(self, *, before: datetime) -> int:
        """Forget those that nobody could refresh by then; return how many there were."""


class TotpFactors(Protocol):
    """At most one of a user."""

    def add(self, factor: TotpFactor) -> None: ...
    def save(self, factor: TotpFactor) -> None: ...
    def remove(self, factor: TotpFactor) -> None: ...

    def lock(self, user_id: UUID) -> TotpFactor | None:
        """Return the user's, kept from other work."""


class ApiTokens(Protocol):
    def add(self, token: ApiToken) -> None: ...
    def save(self, token: ApiToken) -> None: ...

    def lock(self, token_id: UUID, *, owner: UUID) -> ApiToken:
        """Return the token, kept from other work; raise ApiTokenNotFound, for another's as well."""

    def revoke_all(self, user_id: UUID, *, at: datetime) -> None:
        """End every token of the user that is still good."""

    def touch(self, token_id: UUID, *, at: datetime) -> None:
        """Remember when it was used, whatever other work does to it."""


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """An open session as its owner sees it."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    device: str
    network: str


@dataclass(frozen=True, slots=True)
class FactorEntry:
    """A second factor that log-in asks for."""

    kind: str
    confirmed_at: datetime
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class ApiTokenEntry:
    """A token that was not revoked, without its secret."""

    id: UUID
    name: str
    prefix: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class CredentialQueries(Protocol):
    def sessions_of(self, user_id: UUID, *, at: datetime) -> list[SessionEntry]:
        """Return the open ones, the last used first."""

    def factors_of(self, user_id: UUID) -> list[FactorEntry]: ...

    def api_tokens_of(self, user_id: UUID) -> list[ApiTokenEntry]:
        """Return those that were not revoked, newest first."""
