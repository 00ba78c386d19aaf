import re
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Text,
    func,
    insert,
    literal,
    select,
)

from nexus.adapters.sql.order_tables import order_lines, order_numbers, order_timeline, orders
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.domain.addresses import Address
from nexus.domain.order_statuses import FulfillmentStatus, OrderStatus, PaymentStatus
from nexus.domain.orders import Buyer, Delivery, Order, OrderLine, OrderNotFound
from nexus.domain.shared import Event, Money, new_id


class SqlOrders(SqlRepository):
    """`number_format` is filled in by the database, so that a number is drawn in the same step."""

    def __init__(self, db: Connection, happened: list[Event], number_format: str) -> None:
        super().__init__(db, happened)
        self._number_format = number_format

    def add(self, order: Order) -> None:
        """Write order, lines and timeline in one statement; drawing the number is part of it."""
        placed = (
            insert(orders)
            .values(_facts(order) | _state(order) | {"number": self._number(order.placed_at)})
            .returning(orders.c.number)
            .cte("placed")
        )
        lines = insert(order_lines).values(_line_rows(order)).cte("lines")
        timeline = insert(order_timeline).values(_news_rows(order)).cte("timeline")
        order.number = self._db.execute(select(placed).add_cte(lines, timeline)).scalar_one()
        order.news.clear()
        self._gather(order)

    def save(self, order: Order) -> None:
        self._update(orders, order, order.id, _state(order))
        if order.news:
            self._db.execute(insert(order_timeline).values(_news_rows(order)))
            order.news.clear()

    def lock(self, order_id: UUID) -> Order:
        query = select(orders).where(orders.c.id == order_id).with_for_update()
        row = self._db.execute(query).first()
        if row is None:
            raise OrderNotFound(order_id)
        mine = select(order_lines).where(order_lines.c.order_id == order_id)
        lines = self._db.execute(mine.order_by(order_lines.c.position))
        return _order(row, tuple(_line(line, row.currency) for line in lines))

    def expired(self, *, at: datetime, limit: int) -> list[UUID]:
        over = (orders.c.status == OrderStatus.PENDING) & (orders.c.expires_at <= at)
        query = select(orders.c.id).where(over).order_by(orders.c.expires_at).limit(limit)
        return list(self._db.scalars(query))

    def _number(self, at: datetime) -> Any:
        """Return the expression that puts year and sequence into the format."""
        before, width, after = re.split(r"\{seq:0?(\d)\}", self._number_format)
        year = str(at.year)
        drawn = select(order_numbers.next_value().cast(Text).label("digits")).cte("drawn")
        # Beyond the width the number grows; lpad alone would cut it.
        longest = func.greatest(func.length(drawn.c.digits), int(width))
        return select(
            literal(before.replace("{year}", year))
            + func.lpad(drawn.c.digits, longest, "0")
            + literal(after.replace("{year}", year))
        ).scalar_subquery()


def _facts(order: Order) -> Row:
    return {
        "id": order.id,
        "cart_id": order.cart_id,
        "customer_id": order.buyer.customer_id,
        "locale": order.buyer.locale,
        "currency": order.currency,
        "subtotal_minor": order.subtotal.minor,
        "discount_minor": order.discount.minor,
        "shipping_minor": order.shipping.minor,
        "tax_minor": order.tax.minor,
        "total_minor": order.total.minor,
        "shipping_method": order.delivery.method,
        "coupon_codes": list(order.coupon_codes),
        "placed_at": order.placed_at,
    }


def _state(order: Order) -> Row:
    return {
        "email": order.buyer.email,
        "shipping_address": asdict(order.delivery.shipping_address),
        "billing_address": asdict(order.delivery.billing_address),
        "notes": order.notes,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status,
        "updated_at": order.updated_at,
        "confirmed_at": order.confirmed_at,
        "expires_at": order.expires_at,
    }


def _line_rows(order: Order) -> list[Row]:
    return [
        {
            "id": line.id,
            "order_id": order.id,
            "position": position,
            "variant_id": line.variant_id,
            "product_id": line.product_id,
            "sku": line.sku,
            "name": line.name,
            "options": dict(line.options),
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price.minor,
            "discount_minor": line.discount.minor,
            "tax_minor": line.tax.minor,
            "total_minor": line.total.minor,
        }
        for position, line in enumerate(order.lines)
    ]


def _news_rows(order: Order) -> list[Row]:
    return [{"id": new_id(), "order_id": order.id} | asdict(entry) for entry in order.news]


def _line(row: Any, code: str) -> OrderLine:
    return OrderLine(
        id=row.id,
        variant_id=row.variant_id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        options=row.options,
        quantity=row.quantity,
        unit_price=Money(row.unit_price_minor, code),
        discount=Money(row.discount_minor, code),
        tax=Money(row.tax_minor, code),
        total=Money(row.total_minor, code),
    )


def _order(row: Any, lines: tuple[OrderLine, ...]) -> Order:
    return Order(
        id=row.id,
        number=row.number,
        cart_id=row.cart_id,
        buyer=Buyer(row.email, row.customer_id, row.locale),
        delivery=Delivery(
            Address(**row.shipping_address), Address(**row.billing_address), row.shipping_method
        ),
        lines=lines,
        subtotal=Money(row.subtotal_minor, row.currency),
        discount=Money(row.discount_minor, row.currency),
        shipping=Money(row.shipping_minor, row.currency),
        tax=Money(row.tax_minor, row.currency),
        total=Money(row.total_minor, row.currency),
        placed_at=row.placed_at,
        updated_at=row.updated_at,
        confirmed_at=row.confirmed_at,
        expires_at=row.expires_at,
        coupon_codes=tuple(row.coupon_codes),
        notes=row.notes,
        status=OrderStatus(row.status),
        payment_status=PaymentStatus(row.payment_status),
        fulfillment_status=FulfillmentStatus(row.fulfillment_status),
        version=row.version,
    )
