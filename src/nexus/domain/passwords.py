"""What makes a password too weak."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from nexus.domain.shared import invalid
from nexus.domain.users import Profile

LONGEST = 128


@dataclass(frozen=True)
class PasswordRules:
    """A password is refused for its length, for being common, or for being about its owner."""

    least: int
    common: frozenset[str]

    def check(
        self, password: str, *, email: str, profile: Profile, field: str = "password"
    ) -> None:
        """Raise ValidationFailed on the field."""
        # However a keyboard composes its letters, they are counted and compared the same.
        text = _plain(password)
        if not self.least <= len(unicodedata.normalize("NFC", password)) <= LONGEST:
            raise invalid(field, f"Must have {self.least} to {LONGEST} characters.")
        if text in self.common:
            raise invalid(field, "Is one of the most common passwords.")
        if _is_about(text, email, profile):
            raise invalid(field, "Must not be your own name or address, nor nearly so.")


def _is_about(text: str, email: str, profile: Profile) -> bool:
    """Whether it is a name of theirs, or one with digits and signs around or between."""
    known = {_plain(it) for it in _names(email, profile)}
    letters = {_letters(it) for it in known} - {""}
    return text in known or _letters(text) in letters


def _names(email: str, profile: Profile) -> Iterator[str]:
    first, last = profile.first_name, profile.last_name
    yield from (email, email.partition("@")[0], profile.username or "", profile.phone or "")
    yield from (first, last, first + last, last + first, f"{first} {last}", f"{first}.{last}")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())
