"""What carts, coupons and orders look like, asked for as a whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from nexus.adapters.sql.carts import cart_lines, carts, owned_by
from nexus.adapters.sql.coupons import coupon_from, coupons, coupons_with_uses
from nexus.adapters.sql.goods import for_sale_from, goods
from nexus.adapters.sql.order_tables import order_lines, order_timeline, orders
from nexus.adapters.sql.payments import payments
from nexus.adapters.sql.queries.keyset import sort_keys
from nexus.adapters.sql.queries.reading import IllustratedQueries
from nexus.application.ports.catalog import ForSale
from nexus.application.ports.pages import Page, PageWanted
from nexus.application.ports.shopping import (
    CartContents,
    CartOwner,
    HistoryEntry,
    OfferedLine,
    OrderDetails,
    OrderFilter,
    OrderItem,
    OrderPayment,
)
from nexus.domain.addresses import Address
from nexus.domain.carts import CartLine
from nexus.domain.coupons import Coupon
from nexus.domain.order_statuses import FulfillmentStatus, OrderStatus, PaymentStatus
from nexus.domain.shared import Money


class SqlShoppingQueries(IllustratedQueries):
    def cart(self, owner: CartOwner) -> CartContents | None:
        row = self._first(select(carts).where(owned_by(owner)))
        if row is None:
            return None
        lines = cart_lines(row)
        sold = self._goods({line.variant_id for line in lines})
        offered = (self._offered(it, sold[it.variant_id]) for it in lines if it.variant_id in sold)
        found = self._coupons(row.coupon_codes, str(owner.customer_id or ""))
        return CartContents(
            id=row.id,
            currency=row.currency,
            updated_at=row.updated_at,
            lines=tuple(offered),
            coupons=tuple(coupon_from(it) for it in found),
            uses={it.code: it.uses for it in found},
        )

    def _offered(self, line: CartLine, sold: ForSale) -> OfferedLine:
        return OfferedLine(
            id=line.id,
            variant_id=line.variant_id,
            quantity=line.quantity,
            seen_price=line.seen_price,
            product_id=sold.product_id,
            product_name=sold.name,
            product_slug=sold.product_slug,
            main_image_url=sold.image and f"{self._media}{sold.image}",
            sku=sold.sku,
            options=sold.options,
            unit_price=sold.price,
            available=sold.available,
            is_sold=sold.is_sold,
            category_ids=sold.category_ids,
        )

    def _goods(self, variant_ids: set[UUID]) -> Mapping[UUID, ForSale]:
        if not variant_ids:
            return {}
        rows = self._all(goods().where(literal_column("variants.id").in_(variant_ids)))
        return {row.id: for_sale_from(row) for row in rows}

    def _coupons(self, codes: Sequence[str], buyer: str) -> Sequence[Any]:
        if not codes:
            return ()
        rows = self._all(coupons_with_uses(codes, buyer))
        return sorted(rows, key=lambda row: codes.index(row.code))

    def order(self, order: UUID | str, *, customer_id: UUID | None = None) -> OrderDetails | None:
        mine = orders.c.id == order if isinstance(order, UUID) else orders.c.number == order
        if customer_id:
            mine &= orders.c.customer_id == customer_id
        row = self._first(_details().where(mine))
        return _order(row) if row else None

    def orders(self, wanted: PageWanted, which: OrderFilter) -> Page[OrderDetails]:
        keys = sort_keys(which.ordering, _ORDER_COLUMNS, orders.c.id)
        return self._page(_details().where(*_conditions(which)), keys, wanted, _order)

    def history(self, order_id: UUID) -> Sequence[HistoryEntry]:
        told = order_timeline.c
        query = select(told.event, told.actor, told.note, told.at)
        rows = self._all(query.where(told.order_id == order_id).order_by(told.id))
        return [HistoryEntry(row.event, row.actor, row.note, row.at) for row in rows]

    def coupons(
        self, wanted: PageWanted, *, public_at: datetime | None, ordering: Sequence[str] = ()
    ) -> Page[Coupon]:
        shown = [_public(public_at)] if public_at else []
        keys = sort_keys(ordering, _COUPON_COLUMNS, coupons.c.id)
        return self._page(select(coupons).where(*shown), keys, wanted, coupon_from)

    def coupon(self, coupon_id: UUID) -> Coupon | None:
        row = self._first(select(coupons).where(coupons.c.id == coupon_id))
        return coupon_from(row) if row else None


_ORDER_COLUMNS = {"created_at": orders.c.placed_at, "total": orders.c.total_minor}
_COUPON_COLUMNS = {"created_at": coupons.c.created_at, "code": coupons.c.code}


def _public(at: datetime) -> ColumnElement[bool]:
    started = or_(coupons.c.valid_from.is_(None), coupons.c.valid_from <= at)
    lasting = or_(coupons.c.valid_to.is_(None), coupons.c.valid_to > at)
    return coupons.c.is_public & coupons.c.is_active & started & lasting


def _children(table: Table, order_by: str) -> ColumnElement[Any]:
    """Return the rows of an order's child table as one JSON array, in the same SELECT."""
    child = table.alias("child")
    row: Any = func.to_jsonb(literal_column(child.name))
    gathered = select(func.jsonb_agg(aggregate_order_by(row, child.c[order_by])))
    mine = gathered.where(child.c.order_id == orders.c.id).correlate(orders)
    return func.coalesce(mine.scalar_subquery(), literal_column("'[]'::jsonb"))


def _details() -> Select[Any]:
    return select(
        orders,
        _children(order_lines, "position").label("lines"),
        _children(payments, "id").label("attempts"),
    )


def _conditions(which: OrderFilter) -> list[ColumnElement[bool]]:
    asked = {
        orders.c.customer_id: which.customer_id,
        orders.c.status: which.status,
        orders.c.payment_status: which.payment_status,
    }
    found = [column == value for column, value in asked.items() if value is not None]
    if which.created_after:
        found.append(orders.c.placed_at > which.created_after)
    if which.search:
        text = which.search
        found.append(
            or_(
                orders.c.number.icontains(text, autoescape=True),
                orders.c.email.icontains(text, autoescape=True),
            )
        )
    return found


def _order(row: Any) -> OrderDetails:
    currency = row.currency
    return OrderDetails(
        id=row.id,
        order_number=row.number,
        status=OrderStatus(row.status),
        payment_status=PaymentStatus(row.payment_status),
        fulfillment_status=FulfillmentStatus(row.fulfillment_status),
        customer_id=row.customer_id,
        email=row.email,
        locale=row.locale,
        currency=currency,
        subtotal=Money(row.subtotal_minor, currency),
        discount_amount=Money(row.discount_minor, currency),
        shipping_amount=Money(row.shipping_minor, currency),
        tax_amount=Money(row.tax_minor, currency),
        total=Money(row.total_minor, currency),
        items=tuple(_item(line, currency) for line in row.lines),
        shipping_address=Address(**row.shipping_address),
        billing_address=Address(**row.billing_address),
        shipping_method=row.shipping_method,
        coupon_code=",".join(row.coupon_codes) or None,
        notes=row.notes,
        payments=tuple(_payment(it) for it in row.attempts),
        created_at=row.placed_at,
        updated_at=row.updated_at,
        confirmed_at=row.confirmed_at,
        expires_at=row.expires_at,
    )


def _item(line: Mapping[str, Any], currency: str) -> OrderItem:
    return OrderItem(
        id=UUID(line["id"]),
        variant_id=UUID(line["variant_id"]),
        product_id=UUID(line["product_id"]),
        name=line["name"],
        sku=line["sku"],
        options=line["options"],
        quantity=line["quantity"],
        unit_price=Money(line["unit_price_minor"], currency),
        discount_amount=Money(line["discount_minor"], currency),
        tax_amount=Money(line["tax_minor"], currency),
        total=Money(line["total_minor"], currency),
        fulfilled_quantity=line["fulfilled_quantity"],
        returned_quantity=line["returned_quantity"],
        refunded_amount=Money(line["refunded_minor"], currency),
    )


def _payment(row: Mapping[str, Any]) -> OrderPayment:
    return OrderPayment(
        id=UUID(row["id"]),
        provider=row["provider"],
        transaction_id=row["reference"],
        status=row["status"],
        amount=Money(row["amount_minor"], row["currency"]),
        currency=row["currency"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )
