"""People with an account: who they are, what proves it, and what they may do."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from nexus.domain.account_changes import (
    AccountClosed,
    EmailChanged,
    PasswordChanged,
    PasswordReset,
    PasswordResetRequested,
)
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

BETWEEN_MAILS = timedelta(minutes=1)


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


class AccountIsClosed(Conflict):
    """Nobody is left behind it, so nothing about it can be changed."""

    code = "account_closed"


class LastAdmin(Conflict):
    """A shop always has an administrator who can sign in."""

    detail = "Make somebody else an administrator first."


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
    reset_asked_at: datetime | None = None
    closed_at: datetime | None = None
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

    def appoint(self, role: Role, permissions: Collection[str]) -> None:
        """Give them a role; only staff have permissions, since administrators need none."""
        if unknown := set(permissions) - PERMISSIONS:
            raise invalid("permissions", f"Unknown: {', '.join(sorted(unknown))}.")
        if permissions and role is not Role.STAFF:
            raise invalid("permissions", "Only staff have permissions.")
        self.role, self.permissions = role, frozenset(permissions)

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
        rested = _rested(self.verification_asked_at, at)
        return rested and self.is_active and not self.is_verified

    def ask_for_verification(self, *, at: datetime) -> None:
        self.verification_asked_at = at
        self.events.append(VerificationRequested(self.id))

    def may_ask_for_reset(self, *, at: datetime) -> bool:
        return _rested(self.reset_asked_at, at) and self.is_active

    def ask_for_reset(self, *, at: datetime) -> None:
        self.reset_asked_at = at
        self.events.append(PasswordResetRequested(self.id))

    def change_password(self, password_hash: str) -> None:
        self.password_hash = password_hash
        self.events.append(PasswordChanged(self.id))

    def reset_password(self, password_hash: str, *, at: datetime) -> None:
        """Set another; whoever was mailed the link has proved the address as well."""
        self.password_hash = password_hash
        self.events.append(PasswordReset(self.id))
        self.verify(at=at)

    def change_email(self, email: str, *, at: datetime) -> None:
        """Go by another address from now on, which its owner has proved."""
        old, self.email = self.email, email
        self.events.append(EmailChanged(self.id, old))
        self.verify(at=at)

    def enable(self, is_active: bool) -> None:
        """Let them in, or keep them out; raise AccountIsClosed."""
        if is_active and self.closed_at:
            raise AccountIsClosed
        self.is_active = is_active

    def close(self, password_hash: str, *, at: datetime) -> None:
        """Leave nothing of the person; what they had may be anybody's from now on."""
        self.email = f"{self.id}@closed.invalid"
        self.password_hash = password_hash
        self.profile, self.staff_notes = Profile(), ""
        self.preferences = Preferences(currency=self.preferences.currency)
        self.role, self.permissions = Role.CUSTOMER, frozenset()
        self.is_active, self.verified_at, self.closed_at = False, None, at
        self.events.append(AccountClosed(self.id))


def keep_an_admin(admins: Collection[UUID], changed: User) -> None:
    """Raise LastAdmin if, of these administrators, the only one has ceased to be one."""
    if set(admins) == {changed.id} and not changed.is_admin:
        raise LastAdmin


def _rested(asked_at: datetime | None, at: datetime) -> bool:
    return asked_at is None or at - asked_at >= BETWEEN_MAILS
