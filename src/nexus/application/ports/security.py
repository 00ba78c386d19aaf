"""Secrets: passwords, and words that open what belongs to their holder."""

from typing import Protocol
from uuid import UUID


class Passwords(Protocol):
    """Slow, salted hashes (argon2id with the parameters that OWASP recommends)."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, kept: str | None) -> bool:
        """Compare in the same time whether there is a kept hash or not."""


class OrderTokens(Protocol):
    """Unguessable words that open one order to whoever was given them."""

    def for_order(self, order_id: UUID) -> str: ...
    def opens(self, order_id: UUID, token: str) -> bool: ...


class Seals(Protocol):
    """Short texts that leave the shop and come back unchanged or not at all."""

    def seal(self, purpose: str, text: str) -> str: ...

    def open(self, purpose: str, sealed: str) -> str | None:
        """Return the text, or None if it was not sealed here for this purpose."""
