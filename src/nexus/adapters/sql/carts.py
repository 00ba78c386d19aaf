from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    Uuid,
    delete,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, currency, identity, metadata, version
from nexus.application.ports.shopping import CartOwner
from nexus.domain.carts import Cart, CartLine
from nexus.domain.shared import Money

# The lines are part of the row, so that whoever waits for its lock sees them as they are then.
carts = Table(
    "carts",
    metadata,
    identity(),
    Column("customer_id", Uuid, ForeignKey("users.id")),
    Column("token_hash", String(64)),
    currency(),
    Column("lines", JSONB, nullable=False),
    Column("coupon_codes", ARRAY(Text), nullable=False),
    Column("updated_at", Moment, nullable=False),
    version(),
    CheckConstraint("(customer_id is null) <> (token_hash is null)", name="one_owner"),
)
Index("uq_carts_customer_id", carts.c.customer_id, unique=True)
Index("uq_carts_token_hash", carts.c.token_hash, unique=True)


class SqlCarts(SqlRepository):
    def open(self, cart: Cart) -> Cart:
        owner = CartOwner(cart.customer_id, cart.token_hash)
        facts = {"id": cart.id, "customer_id": cart.customer_id, "token_hash": cart.token_hash}
        row = facts | {"currency": cart.currency, "version": cart.version} | _contents(cart)
        opening = insert(carts).values(row).on_conflict_do_nothing().returning(carts.c.id)
        # The one that is in the way may be checked out before it can be locked.
        while self._db.scalar(opening) is None:
            if found := self.lock(owner):
                return found
        return cart

    def save(self, cart: Cart) -> None:
        self._update(carts, cart, cart.id, _contents(cart))

    def remove(self, cart: Cart) -> None:
        self._db.execute(delete(carts).where(carts.c.id == cart.id))

    def lock(self, owner: CartOwner) -> Cart | None:
        row = self._db.execute(select(carts).where(owned_by(owner)).with_for_update()).first()
        return _cart(row) if row else None

    def take(self, owner: CartOwner) -> Cart | None:
        row = self._db.execute(delete(carts).where(owned_by(owner)).returning(carts)).first()
        return _cart(row) if row else None


def owned_by(owner: CartOwner) -> ColumnElement[bool]:
    if owner.customer_id:
        return carts.c.customer_id == owner.customer_id
    return carts.c.token_hash == owner.token_hash


def _contents(cart: Cart) -> Row:
    lines = [asdict(line) | {"seen_price": line.seen_price.minor} for line in cart.lines]
    return {"lines": lines, "coupon_codes": cart.coupon_codes, "updated_at": cart.updated_at}


def cart_lines(row: Any) -> list[CartLine]:
    return [
        CartLine(
            UUID(line["id"]),
            UUID(line["variant_id"]),
            line["quantity"],
            Money(line["seen_price"], row.currency),
        )
        for line in row.lines
    ]


def _cart(row: Any) -> Cart:
    return Cart(
        id=row.id,
        currency=row.currency,
        updated_at=row.updated_at,
        customer_id=row.customer_id,
        token_hash=row.token_hash,
        lines=cart_lines(row),
        coupon_codes=list(row.coupon_codes),
        version=row.version,
    )
