"""Secrets: passwords, and words that open what belongs to their holder."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.domain.shared import Unavailable


class TooBusy(Unavailable):
    """So many passwords are to be looked at that this one would keep the others waiting."""

    code = "service_unavailable"


class Passwords(Protocol):
    """Slow, salted hashes (argon2id with the parameters that OWASP recommends).

    Both raise TooBusy.
    """

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, kept: str | None) -> bool:
        """Compare in the same time whether there is a kept hash or not."""


@dataclass(frozen=True, slots=True)
class NewTotp:
    """A secret for an authenticator app: as it is kept, and as its owner sees it this once."""

    sealed: str = field(repr=False)
    secret: str = field(repr=False)
    uri: str = field(repr=False)


class TotpSecrets(Protocol):
    """What authenticator apps make their codes of (RFC 6238), encrypted wherever it is kept."""

    def new(self, *, account: str) -> NewTotp: ...

    def step_of(self, code: str, sealed: str, *, at: datetime) -> int | None:
        """Return the time step that the code is of, if it is of about now."""


class OrderTokens(Protocol):
    """Unguessable words that open one order to whoever was given them."""

    def for_order(self, order_id: UUID) -> str: ...
    def opens(self, order_id: UUID, token: str) -> bool: ...


class Seals(Protocol):
    """Short texts that leave the shop and come back unchanged or not at all."""

    def seal(self, purpose: str, text: str) -> str: ...

    def open(self, purpose: str, sealed: str) -> str | None:
        """Return the text, or None if it was not sealed here for this purpose."""
