from collections.abc import Collection
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    delete,
    select,
    update,
)

from nexus.adapters.sql.errors import refuse_duplicate
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.adapters.sql.users import users
from nexus.domain.addresses import Address, AddressNotFound, Kind, SavedAddress

_LENGTHS = {
    "first_name": 150,
    "last_name": 150,
    "phone": 20,
    "line1": 200,
    "line2": 200,
    "city": 100,
    "region": 100,
    "sub_city": 100,
    "woreda": 50,
    "kebele": 50,
    "house_no": 50,
    "landmark": 200,
    "postal_code": 20,
}

addresses = Table(
    "addresses",
    metadata,
    identity(),
    Column("customer_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    *(Column(name, String(length), nullable=False) for name, length in _LENGTHS.items()),
    Column("country", CHAR(2), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
    CheckConstraint("kind in ('shipping', 'billing')", name="kind"),
)
Index(
    "uq_addresses_default",
    addresses.c.customer_id,
    addresses.c.kind,
    unique=True,
    postgresql_where=addresses.c.is_default,
)
refuse_duplicate("uq_addresses_default", "is_default")
PARTS = [addresses.c[it.name] for it in fields(Address)]


class SqlAddresses(SqlRepository):
    def add(self, saved: SavedAddress) -> None:
        own = {"id": saved.id, "customer_id": saved.customer_id, "created_at": saved.created_at}
        self._insert(addresses, saved, own | _row(saved))

    def save(self, saved: SavedAddress) -> None:
        self._update(addresses, saved, saved.id, _row(saved))

    def remove(self, saved: SavedAddress) -> None:
        self._db.execute(delete(addresses).where(addresses.c.id == saved.id))

    def remove_all(self, owner: UUID) -> None:
        self._db.execute(delete(addresses).where(addresses.c.customer_id == owner))

    def by_id(self, address_id: UUID, *, owner: UUID) -> SavedAddress:
        theirs = _theirs([address_id], owner)
        if row := self._db.execute(select(addresses).where(theirs)).one_or_none():
            return _saved(row)
        raise AddressNotFound(address_id)

    def by_ids(self, ids: Collection[UUID], *, owner: UUID) -> dict[UUID, Address]:
        query = select(addresses.c.id, *PARTS).where(_theirs(ids, owner))
        return {row.id: _address(row) for row in self._db.execute(query)}

    def make_way(self, saved: SavedAddress) -> None:
        a = addresses.c
        # The owner's row is the one thing that all who set a default have in common.
        owner = select(users.c.id).where(users.c.id == saved.customer_id)
        self._db.execute(owner.with_for_update(key_share=True))
        others = (a.customer_id == saved.customer_id) & (a.kind == saved.kind) & a.is_default
        cleared = update(addresses).where(others & (a.id != saved.id))
        self._db.execute(cleared.values(is_default=False, version=a.version + 1))


def _theirs(ids: Collection[UUID], owner: UUID) -> ColumnElement[bool]:
    return addresses.c.id.in_(ids) & (addresses.c.customer_id == owner)


def _row(saved: SavedAddress) -> Row:
    return asdict(saved.address) | {"kind": saved.kind, "is_default": saved.is_default}


def _saved(row: Any) -> SavedAddress:
    return SavedAddress(
        id=row.id,
        customer_id=row.customer_id,
        kind=Kind(row.kind),
        address=_address(row),
        created_at=row.created_at,
        is_default=row.is_default,
        version=row.version,
    )


def _address(row: Any) -> Address:
    return Address(**{it.name: row._mapping[it.name] for it in fields(Address)})
