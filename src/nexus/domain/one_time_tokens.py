"""Secrets that are mailed, and open one thing once."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from nexus.domain.shared import Aggregate, Invalid


class LinkInvalid(Invalid):
    """The token of a mailed link that is unknown, expired or used."""

    @property
    def code(self) -> str:
        return "token_invalid"


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"


@dataclass
class OneTimeToken(Aggregate):
    """Half of a secret that was mailed: its hash, kept until it is used or too old."""

    token_hash: str = field(repr=False)
    user_id: UUID
    purpose: Purpose
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def new_secret() -> str:
    """Return words that nobody guesses."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is kept of a secret that is random, and so needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
