"""Slow hashes of passwords, and which passwords everybody uses."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nexus.application.ports.security import Passwords, TooBusy

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


class QueuedPasswords:
    """Looks at so many at once and no more, so that those who only read keep most of a processor.

    Whoever waits for longer than the patience is refused.
    """

    def __init__(self, passwords: Passwords, *, at_once: int, patience: float = 2.0) -> None:
        self._passwords = passwords
        self._places = BoundedSemaphore(at_once)
        self._patience = patience

    def hash(self, password: str) -> str:
        with self._place():
            return self._passwords.hash(password)

    def matches(self, password: str, kept: str | None) -> bool:
        with self._place():
            return self._passwords.matches(password, kept)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience):
            raise TooBusy
        try:
            yield
        finally:
            self._places.release()


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def common_passwords() -> frozenset[str]:
    """Return the passwords that are tried first, in lower case."""
    text = (files("nexus.adapters") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
