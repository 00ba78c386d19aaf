"""Accounts, one-time links and addresses: how they are kept, and asked for."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.domain.addresses import Address, Kind, SavedAddress
from nexus.domain.one_time_tokens import OneTimeToken, Purpose
from nexus.domain.users import Preferences, User


class Users(Protocol):
    """Raises AlreadyExists("email") and UsernameTaken for what another account has."""

    def add(self, user: User) -> None: ...
    def save(self, user: User) -> None: ...

    def open(self, user: User) -> UUID:
        """Add the user unless the address has an account; return whose it is, either way."""

    def by_id(self, user_id: UUID) -> User:
        """Return the user; raise UserNotFound."""

    def lock(self, user_id: UUID) -> User:
        """Return the user, kept from other work; raise UserNotFound."""

    def lock_admins(self) -> list[UUID]:
        """Return the active administrators, none of whom other work changes meanwhile."""

    def by_email(self, email: str) -> User | None:
        """Find by the normalised form."""

    def by_username(self, username: str) -> User | None:
        """Find in whatever case it is written."""


class OneTimeTokens(Protocol):
    def add(self, token: OneTimeToken) -> None: ...

    def find(self, token_hash: str, purpose: Purpose, *, at: datetime) -> OneTimeToken | None:
        """Return it if it is still good."""

    def take(self, token_hash: str, purpose: Purpose, *, at: datetime) -> UUID | None:
        """Use it up and return whose it was; None if unknown, too old, or used before."""

    def use_up_all(self, user_id: UUID, *, at: datetime) -> None:
        """Use up whatever the user was mailed."""

    def forget(self, *, before: datetime) -> int:
        """Forget those that were too old by then; return how many there were."""


class Addresses(Protocol):
    def add(self, saved: SavedAddress) -> None: ...
    def save(self, saved: SavedAddress) -> None: ...
    def remove(self, saved: SavedAddress) -> None: ...
    def remove_all(self, owner: UUID) -> None: ...

    def by_id(self, address_id: UUID, *, owner: UUID) -> SavedAddress:
        """Return the address; raise AddressNotFound, for another's as well."""

    def by_ids(self, ids: Collection[UUID], *, owner: UUID) -> dict[UUID, Address]:
        """Return those of them that exist and are the owner's."""

    def make_way(self, saved: SavedAddress) -> None:
        """Take the mark from its owner's other default of the kind.

        Whoever else sets a default of this owner waits for this work.
        """


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who holds an open session or a good API token of an active account, at this moment."""

    user_id: UUID
    role: str
    permissions: frozenset[str]
    is_verified: bool
    email: str
    locale: str
    has_factor: bool
    last_used_at: datetime | None
    session_id: UUID | None = None
    refresh_id: UUID | None = None
    token_id: UUID | None = None
    scope: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A user as they see themselves."""

    id: UUID
    email: str
    username: str | None
    first_name: str
    last_name: str
    phone: str | None
    is_verified: bool
    role: str
    created_at: datetime
    preferences: Preferences
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEntry(Address):
    """An address as it stands in its owner's book."""

    id: UUID
    kind: Kind
    is_default: bool
    version: int

    @property
    def address(self) -> Address:
        """The address by itself."""
        return Address(**{it.name: getattr(self, it.name) for it in fields(Address)})


class IdentityQueries(Protocol):
    def caller(self, session_id: UUID, *, at: datetime) -> SignedIn | None:
        """Return who holds the session, unless it has ended or its account is disabled."""

    def token_holder(self, token_hash: str, *, at: datetime) -> SignedIn | None:
        """Return who made the API token, unless it has ended or their account is disabled."""

    def account(self, user_id: UUID) -> Account:
        """Return the account; raise UserNotFound."""

    def account_of(self, email: str) -> Account | None:
        """Return the account that goes by the address."""

    def addresses_of(self, customer_id: UUID) -> list[AddressEntry]:
        """Return the owner's book, newest first."""

    def address(self, address_id: UUID, *, owner: UUID) -> AddressEntry:
        """Return one of the owner's; raise AddressNotFound."""
