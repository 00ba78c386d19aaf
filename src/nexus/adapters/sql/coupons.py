from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Uuid,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import ARRAY

from nexus.adapters.sql.errors import REFUSALS, refuse_duplicate
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, currency, identity, metadata, minor, version
from nexus.domain.coupons import (
    CODE_MAX,
    Coupon,
    CouponLost,
    CouponNotFound,
    DiscountType,
    Refusal,
)
from nexus.domain.shared import Money, invalid

coupons = Table(
    "coupons",
    metadata,
    identity(),
    Column("code", String(CODE_MAX), nullable=False, unique=True),
    Column("discount_type", String(20), nullable=False),
    Column("discount_value", BigInteger, nullable=False),
    currency(),
    minor("min_purchase", nullable=True),
    minor("max_discount", nullable=True),
    Column("max_uses", Integer),
    Column("max_uses_per_customer", Integer),
    Column("used_count", Integer, nullable=False, server_default="0"),
    Column("valid_from", Moment),
    Column("valid_to", Moment),
    Column("is_active", Boolean, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("stackable", Boolean, nullable=False),
    Column("product_ids", ARRAY(Uuid), nullable=False),
    Column("category_ids", ARRAY(Uuid), nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
    CheckConstraint("code = upper(code)", name="code"),
    CheckConstraint("used_count between 0 and coalesce(max_uses, used_count)", name="uses"),
    CheckConstraint(
        "discount_type in ('percentage', 'fixed', 'free_shipping')", name="discount_type"
    ),
)
refuse_duplicate("uq_coupons_code", "code")
# The database may know capitals of letters that we do not know yet.
REFUSALS["ck_coupons_code"] = partial(invalid, "code", "Has letters without a known capital.")

redemptions = Table(
    "coupon_redemptions",
    metadata,
    Column("coupon_id", Uuid, ForeignKey("coupons.id"), primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.id"), primary_key=True),
    Column("buyer", String(320), nullable=False),
    minor("amount"),
    Column("redeemed_at", Moment, nullable=False, server_default=func.now()),
    Column("returned_at", Moment),
)
Index("ix_coupon_redemptions_buyer", redemptions.c.coupon_id, redemptions.c.buyer)
Index("ix_coupon_redemptions_order_id", redemptions.c.order_id)


class SqlCoupons(SqlRepository):
    def add(self, coupon: Coupon) -> None:
        facts = {"id": coupon.id, "created_at": coupon.created_at, "currency": coupon.currency}
        self._insert(coupons, coupon, facts | _terms(coupon))

    def save(self, coupon: Coupon) -> None:
        self._update(coupons, coupon, coupon.id, _terms(coupon))

    def remove(self, coupon: Coupon) -> None:
        self._db.execute(delete(coupons).where(coupons.c.id == coupon.id))

    def lock(self, coupon_id: UUID) -> Coupon:
        query = select(coupons).where(coupons.c.id == coupon_id).with_for_update()
        if row := self._db.execute(query).first():
            return coupon_from(row)
        raise CouponNotFound(coupon_id)

    def with_uses(
        self, codes: Sequence[str], *, buyer: str
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        return self._with_uses(coupons_with_uses(codes, buyer), codes)

    def lock_with_uses(
        self, codes: Sequence[str], *, buyer: str
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        # Everyone locks in the same order, or two orders with the same coupons could deadlock.
        query = coupons_with_uses(codes, buyer).order_by(coupons.c.id).with_for_update()
        return self._with_uses(query, codes)

    def _with_uses(
        self, query: Select[Any], codes: Sequence[str]
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        found = {row.code: row for row in self._db.execute(query)}
        rows = [found[code] for code in codes if code in found]
        return [coupon_from(row) for row in rows], {row.code: row.uses for row in rows}

    def was_used(self, coupon_id: UUID) -> bool:
        used = select(redemptions.c.order_id).where(redemptions.c.coupon_id == coupon_id)
        return bool(self._db.scalar(select(used.exists())))

    def redeem(self, order_id: UUID, *, buyer: str, amounts: Mapping[str, Money]) -> None:
        wanted = values(Column("code", String), Column("amount", BigInteger), name="wanted").data(
            [(code, amount.minor) for code, amount in sorted(amounts.items())]
        )
        # The locks of `lock_with_uses` are held, so this sees every use, and limits are exact.
        counted = (
            update(coupons)
            .where(coupons.c.code == wanted.c.code, _not_used_up(buyer))
            .values(used_count=coupons.c.used_count + 1)
            .returning(coupons.c.id, coupons.c.code, wanted.c.amount)
            .cte("counted")
        )
        noted = (
            insert(redemptions)
            .from_select(
                ["coupon_id", "order_id", "buyer", "amount_minor"],
                select(counted.c.id, literal(order_id, Uuid), literal(buyer), counted.c.amount),
            )
            .cte("noted")
        )
        done = set(self._db.scalars(select(counted.c.code).add_cte(noted)))
        if missing := amounts.keys() - done:
            raise CouponLost(min(missing), Refusal.USED_UP)

    def give_back(self, order_id: UUID) -> None:
        used = select(redemptions.c.coupon_id).where(redemptions.c.order_id == order_id)
        locked = select(coupons.c.id).where(coupons.c.id.in_(used)).order_by(coupons.c.id)
        self._db.execute(locked.with_for_update())
        returned = (
            update(redemptions)
            .where(redemptions.c.order_id == order_id, redemptions.c.returned_at.is_(None))
            .values(returned_at=func.now())
            .returning(redemptions.c.coupon_id)
            .cte("returned")
        )
        self._db.execute(
            update(coupons)
            .where(coupons.c.id == returned.c.coupon_id)
            .values(used_count=coupons.c.used_count - 1)
        )


def coupons_with_uses(codes: Sequence[str], buyer: str) -> Select[Any]:
    return select(coupons, _uses_by(buyer).label("uses")).where(coupons.c.code.in_(codes))


def _uses_by(buyer: str) -> Any:
    return (
        select(func.count())
        .where(
            redemptions.c.coupon_id == coupons.c.id,
            redemptions.c.buyer == buyer,
            redemptions.c.returned_at.is_(None),
        )
        .scalar_subquery()
    )


def _not_used_up(buyer: str) -> Any:
    return and_(
        or_(coupons.c.max_uses.is_(None), coupons.c.used_count < coupons.c.max_uses),
        or_(
            coupons.c.max_uses_per_customer.is_(None),
            _uses_by(buyer) < coupons.c.max_uses_per_customer,
        ),
    )


def _terms(coupon: Coupon) -> Row:
    return {
        "code": coupon.code,
        "discount_type": coupon.discount_type,
        "discount_value": coupon.discount_value,
        "min_purchase_minor": coupon.min_purchase and coupon.min_purchase.minor,
        "max_discount_minor": coupon.max_discount and coupon.max_discount.minor,
        "max_uses": coupon.max_uses,
        "max_uses_per_customer": coupon.max_uses_per_customer,
        "valid_from": coupon.valid_from,
        "valid_to": coupon.valid_to,
        "is_active": coupon.is_active,
        "is_public": coupon.is_public,
        "stackable": coupon.stackable,
        "product_ids": sorted(coupon.product_ids),
        "category_ids": sorted(coupon.category_ids),
    }


def coupon_from(row: Any) -> Coupon:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, row.currency)

    return Coupon(
        id=row.id,
        code=row.code,
        discount_type=DiscountType(row.discount_type),
        discount_value=row.discount_value,
        currency=row.currency,
        created_at=row.created_at,
        min_purchase=money(row.min_purchase_minor),
        max_discount=money(row.max_discount_minor),
        max_uses=row.max_uses,
        max_uses_per_customer=row.max_uses_per_customer,
        used_count=row.used_count,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_active=row.is_active,
        is_public=row.is_public,
        stackable=row.stackable,
        product_ids=frozenset(row.product_ids),
        category_ids=frozenset(row.category_ids),
        version=row.version,
    )
