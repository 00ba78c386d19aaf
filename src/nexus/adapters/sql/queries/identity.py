"""Who calls, and what they see of themselves."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from nexus.adapters.sql.addresses import PARTS, addresses
from nexus.adapters.sql.api_tokens import api_tokens
from nexus.adapters.sql.factors import totp_factors
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.sessions import sessions
from nexus.adapters.sql.users import users
from nexus.application.ports.identity import Account, AddressEntry, SignedIn
from nexus.domain.addresses import AddressNotFound, Kind
from nexus.domain.users import Preferences, UserNotFound

_WHO = (
    users.c.id.label("user_id"),
    users.c.role,
    users.c.permissions,
    users.c.verified_at.is_not(None).label("is_verified"),
    users.c.email,
    users.c.locale,
    exists()
    .where(totp_factors.c.user_id == users.c.id, totp_factors.c.confirmed_at.is_not(None))
    .label("has_factor"),
)
_CALLER = (
    select(*_WHO, sessions.c.id.label("session_id"), sessions.c.refresh_id, sessions.c.last_used_at)
    .join_from(sessions, users)
    .where(sessions.c.id == bindparam("session_id"), sessions.c.revoked_at.is_(None))
    .where(sessions.c.expires_at > bindparam("at"), users.c.is_active)
)
_TOKEN_HOLDER = (
    select(
        *_WHO,
        api_tokens.c.id.label("token_id"),
        api_tokens.c.permissions.label("scope"),
        api_tokens.c.last_used_at,
    )
    .join_from(api_tokens, users)
    .where(api_tokens.c.token_hash == bindparam("token_hash"), api_tokens.c.revoked_at.is_(None))
    .where(api_tokens.c.expires_at.is_(None) | (api_tokens.c.expires_at > bindparam("at")))
    .where(users.c.is_active)
)
_ACCOUNT = select(
    users.c.id,
    users.c.email,
    users.c.username,
    users.c.first_name,
    users.c.last_name,
    users.c.phone,
    users.c.verified_at.is_not(None).label("is_verified"),
    users.c.role,
    users.c.created_at,
    users.c.locale,
    users.c.currency,
    users.c.marketing_opt_in,
    users.c.closed_at.is_not(None).label("is_closed"),
)
_ACCOUNT_OF_ID = _ACCOUNT.where(users.c.id == bindparam("user_id"))
_ACCOUNT_OF_EMAIL = _ACCOUNT.where(users.c.email == bindparam("email"))
_ENTRIES = select(
    *PARTS, addresses.c.id, addresses.c.kind, addresses.c.is_default, addresses.c.version
).where(addresses.c.customer_id == bindparam("owner"))
_BOOK = _ENTRIES.order_by(addresses.c.id.desc())
_ENTRY = _ENTRIES.where(addresses.c.id == bindparam("address_id"))


class SqlIdentityQueries(SqlQueries):
    def caller(self, session_id: UUID, *, at: datetime) -> SignedIn | None:
        if row := self._first(_CALLER, session_id=session_id, at=at):
            return SignedIn(**dict(row._mapping) | {"permissions": frozenset(row.permissions)})
        return None

    def token_holder(self, token_hash: str, *, at: datetime) -> SignedIn | None:
        if row := self._first(_TOKEN_HOLDER, token_hash=token_hash, at=at):
            sets = {"permissions": frozenset(row.permissions), "scope": frozenset(row.scope)}
            return SignedIn(**dict(row._mapping) | sets)
        return None

    def account(self, user_id: UUID) -> Account:
        if row := self._first(_ACCOUNT_OF_ID, user_id=user_id):
            return _account(row)
        raise UserNotFound(user_id)

    def account_of(self, email: str) -> Account | None:
        row = self._first(_ACCOUNT_OF_EMAIL, email=email)
        return _account(row) if row else None

    def addresses_of(self, customer_id: UUID) -> list[AddressEntry]:
        return [_entry(row) for row in self._all(_BOOK, owner=customer_id)]

    def address(self, address_id: UUID, *, owner: UUID) -> AddressEntry:
        if row := self._first(_ENTRY, address_id=address_id, owner=owner):
            return _entry(row)
        raise AddressNotFound(address_id)


def _account(row: Any) -> Account:
    facts = dict(row._mapping)
    preferences = {it.name: facts.pop(it.name) for it in fields(Preferences)}
    return Account(**facts, preferences=Preferences(**preferences))


def _entry(row: Any) -> AddressEntry:
    return AddressEntry(**dict(row._mapping) | {"kind": Kind(row.kind)})
