"""A second proof of who signs in: the codes of an authenticator app, or those kept for its loss."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from nexus.domain.one_time_tokens import digest
from nexus.domain.shared import Aggregate, Conflict, Event, NotFound, Unauthenticated, new_id

RECOVERY_CODES = 10
# Six digits are soon guessed by whoever has the password, from however many addresses: after
# this many wrong ones in a row the app is asked once in a while only.
MOST_WRONG = 10
REST = timedelta(minutes=15)
# Without letters and digits that look alike; sixteen of them are eighty bits.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class SecondFactorRequired(Unauthenticated):
    """The password was right, and the account asks for a code beside it."""


class SecondFactorInvalid(Unauthenticated):
    """The code is wrong, too old, or was used before; which of them is not told."""


class SecondFactorExists(Conflict): ...


@dataclass(eq=False)
class FactorNotFound(NotFound):
    user_id: UUID


@dataclass(frozen=True)
class FactorConfirmed(Event):
    name: ClassVar[str] = "internal.factor_confirmed"
    user_id: UUID


@dataclass(frozen=True)
class FactorRemoved(Event):
    name: ClassVar[str] = "internal.factor_removed"
    user_id: UUID


@dataclass
class TotpFactor(Aggregate):
    """An authenticator app; a log-in asks for its codes once it has been confirmed by one."""

    id: UUID
    user_id: UUID
    sealed_secret: str = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    wrong_codes: int = 0
    wrong_at: datetime | None = None
    recovery_hashes: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def begin(cls, user_id: UUID, sealed_secret: str, *, at: datetime) -> TotpFactor:
        return cls(new_id(), user_id, sealed_secret, at)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    def accept(self, code: str, step: int | None, *, at: datetime) -> bool:
        """Use up a code: of the app, whose time step is given, or one kept for its loss.

        Saved even when the answer is False, since wrong ones are counted.
        """
        resting = (
            self.wrong_at is not None
            and self.wrong_codes >= MOST_WRONG
            and at - self.wrong_at < REST
        )
        right = (not resting and self.use_step(step)) or self.use_recovery(code)
        if right:
            self.wrong_codes = 0
        elif not resting:
            self.wrong_codes, self.wrong_at = self.wrong_codes + 1, at
        return right

    def use_step(self, step: int | None) -> bool:
        """Use up the code of a time step; answer False for none, one used, and any before it."""
        if step is None or step <= self.last_step:
            return False
        self.last_step = step
        return True

    def use_recovery(self, code: str) -> bool:
        """Use up one of the recovery codes; answer False for anything else."""
        kept = recovery_digest(code)
        known = kept in self.recovery_hashes
        self.recovery_hashes -= {kept}
        return known

    def confirm(self, *, at: datetime) -> list[str]:
        """Ask for codes from now on; return the recovery codes, which are shown this once."""
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        self.confirmed_at = at
        self.recovery_hashes = frozenset(map(recovery_digest, codes))
        self.events.append(FactorConfirmed(self.user_id))
        return codes


def new_recovery_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code, however it is typed."""
    return digest("".join(letter for letter in code.lower() if letter.isalnum()))
