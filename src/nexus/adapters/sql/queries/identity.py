"""Who calls, and what they see of themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from nexus.adapters.sql.addresses import PARTS, addresses
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.sessions import sessions
from nexus.adapters.sql.users import users
from nexus.application.ports.identity import Account, AddressEntry, SignedIn
from nexus.domain.addresses import AddressNotFound, Kind
from nexus.domain.users import Preferences, UserNotFound

_CALLER = (
    select(
        users.c.id,
        sessions.c.id,
        users.c.role,
        users.c.permissions,
        users.c.verified_at,
        sessions.c.refresh_id,
    )
    .join_from(sessions, users)
    .where(sessions.c.id == bindparam("session_id"), sessions.c.revoked_at.is_(None))
    .where(sessions.c.expires_at > bindparam("at"), users.c.is_active)
)
_ACCOUNT = select(
    users.c.id,
    users.c.email,
    users.c.username,
    users.c.first_name,
    users.c.last_name,
    users.c.phone,
    users.c.verified_at.is_not(None),
    users.c.role,
    users.c.created_at,
    users.c.locale,
    users.c.currency,
    users.c.marketing_opt_in,
).where(users.c.id == bindparam("user_id"))
_ENTRIES = select(
    *PARTS, addresses.c.id, addresses.c.kind, addresses.c.is_default, addresses.c.version
).where(addresses.c.customer_id == bindparam("owner"))
_BOOK = _ENTRIES.order_by(addresses.c.id.desc())
_ENTRY = _ENTRIES.where(addresses.c.id == bindparam("address_id"))


class SqlIdentityQueries(SqlQueries):
    def caller(self, session_id: UUID, *, at: datetime) -> SignedIn | None:
        row = self._first(_CALLER, session_id=session_id, at=at)
        if row is None:
            return None
        user_id, session_id, role, permissions, verified_at, refresh_id = row
        return SignedIn(
            user_id, session_id, role, frozenset(permissions), verified_at is not None, refresh_id
        )

    def account(self, user_id: UUID) -> Account:
        if row := self._first(_ACCOUNT, user_id=user_id):
            return Account(*row[:-3], preferences=Preferences(*row[-3:]))
        raise UserNotFound(user_id)

    def addresses_of(self, customer_id: UUID) -> tuple[AddressEntry, ...]:
        return tuple(_entry(dict(row._mapping)) for row in self._all(_BOOK, owner=customer_id))

    def address(self, address_id: UUID, *, owner: UUID) -> AddressEntry:
        if row := self._first(_ENTRY, address_id=address_id, owner=owner):
            return _entry(dict(row._mapping))
        raise AddressNotFound(address_id)


def _entry(row: dict[str, object]) -> AddressEntry:
    return AddressEntry(**row | {"kind": Kind(str(row["kind"]))})  # type: ignore[arg-type]
