from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from nexus.adapters.sql.errors import REFUSALS, refuse_duplicate
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.shared import Stale
from nexus.domain.wishlists import Wish, Wishlist, WishlistNotFound, WishNotFound

wishlists = Table(
    "wishlists",
    metadata,
    identity(),
    Column("customer_id", ForeignKey("users.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("share_key", Uuid, unique=True),
    Column("created_at", Moment, nullable=False),
    version(),
)
Index("uq_wishlists_name", wishlists.c.customer_id, func.lower(wishlists.c.name), unique=True)
Index(
    "uq_wishlists_default",
    wishlists.c.customer_id,
    unique=True,
    postgresql_where=wishlists.c.is_default,
)

wishes = Table(
    "wishes",
    metadata,
    identity(),
    Column("wishlist_id", ForeignKey("wishlists.id", ondelete="CASCADE"), nullable=False),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("variant_id", ForeignKey("variants.id", ondelete="CASCADE"), index=True),
    Column("note", String(300), nullable=False),
    Column("added_at", Moment, nullable=False),
    UniqueConstraint("wishlist_id", "product_id", "variant_id", postgresql_nulls_not_distinct=True),
)
Index("ix_wishes_newest", wishes.c.wishlist_id, wishes.c.id)

refuse_duplicate("uq_wishlists_name", "name")
# It was removed between the look at it and the wish for it.
REFUSALS["fk_wishes_product_id"] = REFUSALS["fk_wishes_variant_id"] = Stale


class SqlWishlists(SqlRepository):
    def open(self, wishlist: Wishlist) -> Wishlist:
        theirs = (wishlists.c.customer_id == wishlist.customer_id) & wishlists.c.is_default
        if found := self._locked(theirs):
            return found
        row = _row(wishlist) | {"version": wishlist.version}
        # Nobody ever removes a default list, so the one that is in the way is there to be locked.
        opening = (
            insert(wishlists)
            .values(row)
            .on_conflict_do_nothing(
                index_elements=["customer_id"], index_where=wishlists.c.is_default
            )
        )
        if self._db.scalar(opening.returning(wishlists.c.id)):
            return wishlist
        return self._locked(theirs) or wishlist

    def add(self, wishlist: Wishlist) -> None:
        self._insert(wishlists, wishlist, _row(wishlist))

    def save(self, wishlist: Wishlist) -> None:
        self._update(wishlists, wishlist, wishlist.id, _row(wishlist))

    def remove(self, wishlist: Wishlist) -> None:
        self._db.execute(delete(wishlists).where(wishlists.c.id == wishlist.id))

    def remove_all(self, owner: UUID) -> None:
        self._db.execute(delete(wishlists).where(wishlists.c.customer_id == owner))

    def lock(self, list_id: UUID, *, owner: UUID) -> Wishlist:
        found = self._locked((wishlists.c.id == list_id) & (wishlists.c.customer_id == owner))
        if found is None:
            raise WishlistNotFound
        return found

    def _locked(self, condition: ColumnElement[bool]) -> Wishlist | None:
        row = self._db.execute(select(wishlists).where(condition).with_for_update()).first()
        return Wishlist(**row._mapping) if row else None

    def count(self, owner: UUID) -> int:
        query = select(func.count()).where(wishlists.c.customer_id == owner)
        return self._db.execute(query).scalar_one()

    def count_wishes(self, list_id: UUID) -> int:
        query = select(func.count()).where(wishes.c.wishlist_id == list_id)
        return self._db.execute(query).scalar_one()

    def put(self, wish: Wish) -> UUID:
        adding = insert(wishes).values(_wish_row(wish)).on_conflict_do_nothing()
        w = wishes.c
        like = (w.wishlist_id == wish.wishlist_id) & (w.product_id == wish.product_id)
        query = select(w.id).where(like, w.variant_id.is_not_distinct_from(wish.variant_id))
        # The one that is in the way may be taken before it is found.
        while self._db.scalar(adding.returning(w.id)) is None:
            found: UUID | None = self._db.scalar(query)
            if found:
                return found
        return wish.id

    def take(self, item_id: UUID, *, owner: UUID) -> Wish:
        theirs = select(wishlists.c.id).where(wishlists.c.customer_id == owner)
        mine = (wishes.c.id == item_id) & wishes.c.wishlist_id.in_(theirs)
        row = self._db.execute(delete(wishes).where(mine).returning(wishes)).first()
        if row is None:
            raise WishNotFound(item_id)
        return Wish(**row._mapping)


def _row(wishlist: Wishlist) -> Row:
    return {it.name: getattr(wishlist, it.name) for it in wishlists.c if it.name != "version"}


def _wish_row(wish: Wish) -> dict[str, Any]:
    return {it.name: getattr(wish, it.name) for it in wishes.c}
