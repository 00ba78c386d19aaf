"""What every noun shares: money, events, identity, and the kinds of refusal."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from functools import total_ordering
from typing import Any, ClassVar
from uuid import UUID

# ISO 4217: two digits unless named here.
ODD_CURRENCIES = {"JPY": 0, "KRW": 0, "UGX": 0, "RWF": 0, "DJF": 0, "BHD": 3, "KWD": 3, "OMR": 3}

# One amount fits PostgreSQL's bigint many thousand times over, so sums fit as well.
MOST_MINOR = 10**14

_WORDS = re.compile("[A-Z][a-z0-9]*")


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): unique, and ordered by the time it was made."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value &= ~(0xF000 << 64) & ~(0b11 << 62)
    return UUID(int=value | (7 << 76) | (0b10 << 62))


def snake_case(name: str) -> str:
    """Return the name of a class as programs outside spell it."""
    return "_".join(_WORDS.findall(name)).lower()


def currency_digits(currency: str) -> int:
    """Return how many decimal digits an amount of this ISO 4217 currency has."""
    return ODD_CURRENCIES.get(currency, 2)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """A whole number of minor units, so that no sum is ever rounded."""

    minor: int
    currency: str = "ETB"

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read an amount in major units; raise ValueError if it has too many digits."""
        try:
            minor = Decimal(text).scaleb(currency_digits(currency))
            if abs(minor) <= MOST_MINOR and minor == minor.to_integral_value():
                return cls(int(minor), currency)
        except DecimalException:
            pass
        raise ValueError(f"not an amount of {currency}: {text[:40]!r}")

    @property
    def text(self) -> str:
        """The amount in major units, with the currency's own number of digits."""
        digits = currency_digits(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):.{digits}f}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise ValueError(f"{other.currency} and {self.currency} do not mix")
        return other.minor


@dataclass(frozen=True)
class Event:
    """Something that has happened; `name` is what the outside world calls it."""

    name: ClassVar[str]


@dataclass(kw_only=True)
class Aggregate:
    """What is loaded, changed and saved as a whole; `version` tells a stale one."""

    version: int = 0
    events: list[Event] = field(default_factory=list, repr=False, compare=False)


# Not frozen: contextlib assigns __traceback__ to the exceptions it passes on.
@dataclass(eq=False)
class NexusError(Exception):
    """A refusal that the caller can act upon; its fields say why."""

    @property
    def code(self) -> str:
        """The stable name that a program tests."""
        return snake_case(type(self).__name__)

    @property
    def detail(self) -> str | None:
        """One sentence for a person, where the name alone does not say enough."""
        return None

    def members(self) -> dict[str, Any]:
        """What a problem document tells beside the code."""
        return {k: v for k, v in vars(self).items() if not k.startswith("_")}

    def __str__(self) -> str:
        return f"{self.code}: {self.members()}"


class NotFound(NexusError): ...


class Conflict(NexusError): ...


class Forbidden(NexusError): ...


class Unauthenticated(NexusError): ...


class Unavailable(NexusError): ...


class Invalid(NexusError): ...


class PreconditionFailed(NexusError):
    """What the caller had seen is no longer what is kept."""


@dataclass(eq=False)
class ValidationFailed(Invalid):
    """Well formed, and cannot be meant: what is wrong with each field, by its path."""

    errors: dict[str, list[str]]


class Stale(Conflict):
    """Someone else saved it first."""

    code = "conflict"


@dataclass(eq=False)
class AlreadyExists(Conflict):
    """Another one has this value in a field that is unique."""

    field: str


def invalid(path: str, message: str) -> ValidationFailed:
    """Return the refusal of one field."""
    return ValidationFailed({path: [message]})


@contextmanager
def within(path: str) -> Iterator[None]:
    """Name the fields of a refusal by where they stand in what was asked."""
    try:
        yield
    except ValidationFailed as error:
        inner = {f"{path}.{field}": told for field, told in error.errors.items()}
        raise ValidationFailed(inner) from error
