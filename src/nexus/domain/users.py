"""People with an account: who they are, what proves it, and what they may do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import (
    Aggregate,
    Conflict,
    Event,
    Forbidden,
    NotFound,
    Unauthenticated,
    invalid,
    new_id,
)

LONGEST_PASSWORD = 128
BETWEEN_VERIFICATION_MAILS = timedelta(minutes=1)


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    ADMIN = "admin"


PERMISSIONS = frozenset(
    {
        "catalog.write",
        "orders.write",
        "payments.refund",
        "users.read",
        "users.write",
        "coupons.write",
        "reviews.moderate",
        "reports.read",
    }
)


@dataclass(frozen=True)
class CustomerRegistered(Event):
    name: ClassVar[str] = "customer.registered"
    user_id: UUID


@dataclass(frozen=True)
class VerificationRequested(Event):
    name: ClassVar[str] = "internal.verification_requested"
    user_id: UUID


@dataclass(frozen=True)
class EmailVerified(Event):
    name: ClassVar[str] = "internal.email_verified"
    user_id: UUID


@dataclass(frozen=True)
class AccountExists(Event):
    """Somebody tried to register with the address of this account."""

    name: ClassVar[str] = "internal.account_exists"
    user_id: UUID


@dataclass(eq=False)
class UserNotFound(NotFound):
    user_id: UUID


@dataclass(eq=False)
class UsernameTaken(Conflict):
    field: str = "username"


class InvalidCredentials(Unauthenticated): ...


class AccountDisabled(Forbidden): ...


class LastAdmin(Conflict):
    """A shop always has an administrator who can sign in."""

    @property
    def detail(self) -> str:
        return "Make somebody else an administrator first."


class EmailNotVerified(Forbidden): ...


def normal_email(text: str) -> str:
    """Return the one form of an address that accounts are compared by."""
    return unicodedata.normalize("NFC", text.strip()).lower()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user tells about themselves; the phone is E.164."""

    username: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    locale: str = "en"
    currency: str = "ETB"
    marketing_opt_in: bool = False


@dataclass
class User(Aggregate):
    id: UUID
    email: str
    password_hash: str = field(repr=False)
    created_at: datetime
    profile: Profile = Profile()
    preferences: Preferences = Preferences()
    role: Role = Role.CUSTOMER
    permissions: frozenset[str] = frozenset()
    is_active: bool = True
    verified_at: datetime | None = None
    verification_asked_at: datetime | None = None
    staff_notes: str = ""

    @classmethod
    def register(
        cls,
        email: str,
        password_hash: str,
        profile: Profile,
        preferences: Preferences,
        *,
        at: datetime,
    ) -> User:
        """Open an account that has yet to prove its address."""
        user = cls(new_id(), email, password_hash, at, profile, preferences)
        user.verification_asked_at = at
        user.events.append(CustomerRegistered(user.id))
        return user

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def is_admin(self) -> bool:
        """Whether they are an administrator who can sign in."""
        return self.role is Role.ADMIN and self.is_active

    def verify(self, *, at: datetime) -> None:
        if not self.is_verified:
            self.verified_at = at
            self.events.append(EmailVerified(self.id))

    def may_ask_for_verification(self, *, at: datetime) -> bool:
        asked = self.verification_asked_at
        rested = asked is None or at - asked >= BETWEEN_VERIFICATION_MAILS
        return rested and self.is_active and not self.is_verified

    def ask_for_verification(self, *, at: datetime) -> None:
        self.verification_asked_at = at
        self.events.append(VerificationRequested(self.id))


@dataclass(frozen=True)
class PasswordRules:
    """What makes a password too weak: its length, being common, or being about its owner."""

    least: int
    common: frozenset[str]

    def check(self, password: str, *, email: str, profile: Profile) -> None:
        """Raise ValidationFailed on `password`."""
        if not self.least <= len(password) <= LONGEST_PASSWORD:
            raise invalid("password", f"Must have {self.least} to {LONGEST_PASSWORD} characters.")
        if password.casefold() in self.common:
            raise invalid("password", "Is one of the most common passwords.")
        if password.casefold() in _known_of(email, profile):
            raise invalid("password", "Must not be your own name or address.")


def _known_of(email: str, profile: Profile) -> set[str]:
    first, last = profile.first_name.casefold(), profile.last_name.casefold()
    names = {first, last, first + last, last + first, f"{first} {last}", f"{first}.{last}"}
    return names | {email, email.partition("@")[0], (profile.username or "").casefold()}
