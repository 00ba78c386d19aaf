"""Slow hashes of passwords, and which passwords everybody uses."""

import unicodedata
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# What OWASP recommends for argon2id: 19 MiB, two passes, one lane.
RECOMMENDED = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


class Argon2Passwords:
    """However a keyboard composes its letters, the same text is the same password."""

    def __init__(self, hasher: PasswordHasher = RECOMMENDED) -> None:
        self._hasher = hasher
        self._nobodys = hasher.hash("what an unknown account is compared with")

    def hash(self, password: str) -> str:
        return self._hasher.hash(_composed(password))

    def matches(self, password: str, kept: str | None) -> bool:
        try:
            self._hasher.verify(self._nobodys if kept is None else kept, _composed(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def common_passwords() -> frozenset[str]:
    """Return the passwords that are tried first, in lower case."""
    text = (files("nexus.adapters") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
