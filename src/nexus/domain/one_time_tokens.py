"""Secrets that are mailed, and open one thing once.

Asking for another leaves those before it good, so that nobody who asks in somebody else's name
spoils the owner's link. Whatever changes the password or the address ends all of them.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Event, Invalid


class LinkInvalid(Invalid):
    """The token of a mailed link that is unknown, expired or used."""

    code = "token_invalid"


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "change_email"


@dataclass(frozen=True)
class LinkRequested(Event):
    """Somebody asked for a link to be mailed; whether the address has an account is not known."""

    name: ClassVar[str] = "internal.link_requested"
    email: str
    purpose: Purpose


@dataclass
class OneTimeToken(Aggregate):
    """Half of a secret that was mailed to an address: its hash, until it is used or too old."""

    token_hash: str = field(repr=False)
    user_id: UUID
    purpose: Purpose
    email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def new_secret() -> str:
    """Return words that nobody guesses."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is kept of a secret that is random, and so needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
