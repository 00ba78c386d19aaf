"""What was bought, for how much, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from nexus.domain.addresses import Address
from nexus.domain.order_statuses import (
    FulfillmentStatus,
    OrderStatus,
    PaymentStatus,
    require_step,
)
from nexus.domain.pricing import Quote
from nexus.domain.shared import Aggregate, Conflict, Event, Money, NotFound, new_id


@dataclass(eq=False)
class OrderNotFound(NotFound):
    order_id: UUID


@dataclass(eq=False)
class OrderNotPayable(Conflict):
    status: OrderStatus
    payment_status: PaymentStatus


@dataclass(frozen=True)
class OrderPlaced(Event):
    name: ClassVar[str] = "order.placed"
    order_id: UUID


@dataclass(frozen=True)
class OrderPaid(Event):
    name: ClassVar[str] = "order.paid"
    order_id: UUID


@dataclass(frozen=True)
class OrderStatusChanged(Event):
    name: ClassVar[str] = "order.status_changed"
    order_id: UUID
    was: OrderStatus
    now: OrderStatus


@dataclass(frozen=True)
class OrderExpired(Event):
    name: ClassVar[str] = "order.expired"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A snapshot: what a product is called or costs later never reaches it."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    options: Mapping[str, str]
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who ordered: a customer, or a guest known by an e-mail address alone."""

    email: str
    customer_id: UUID | None = None
    locale: str = "en"
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    shipping_address: Address
    billing_address: Address
    method: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to an order; `actor` is customer, guest, staff or system."""

    event: str
    at: datetime
    actor: str
    note: str = ""


@dataclass
class Order(Aggregate):
    """`number` is given by the store; `news` are timeline entries that are not stored yet."""

    id: UUID
    cart_id: UUID
    buyer: Buyer
    delivery: Delivery
    lines: tuple[OrderLine, ...]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    placed_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    number: str = ""
    coupon_codes: tuple[str, ...] = ()
    notes: str = ""
    status: OrderStatus = OrderStatus.PENDING
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    fulfillment_status: FulfillmentStatus = FulfillmentStatus.UNFULFILLED
    confirmed_at: datetime | None = None
    news: list[TimelineEntry] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def place(
        cls,
        quote: Quote,
        lines: tuple[OrderLine, ...],
        *,
        cart_id: UUID,
        buyer: Buyer,
        delivery: Delivery,
        notes: str = "",
        at: datetime,
        until: datetime,
    ) -> Order:
        """Turn a quote into an order that waits for its payment until then."""
        order = cls(
            id=new_id(),
            cart_id=cart_id,
            buyer=buyer,
            delivery=delivery,
            lines=lines,
            subtotal=quote.subtotal,
            discount=quote.discount,
            shipping=quote.shipping,
            tax=quote.tax,
            total=quote.total,
            placed_at=at,
            updated_at=at,
            expires_at=until,
            coupon_codes=tuple(discount.code for discount in quote.discounts),
            notes=notes,
        )
        order._note("order.placed", at, actor="customer" if buyer.customer_id else "guest")
        order.events.append(OrderPlaced(order.id))
        if order.is_free:
            order.paid(at)
        return order

    @property
    def customer_id(self) -> UUID | None:
        return self.buyer.customer_id

    @property
    def email(self) -> str:
        return self.buyer.email

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def quantities(self) -> dict[UUID, int]:
        return {line.variant_id: line.quantity for line in self.lines}

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay, so that no gateway is asked."""
        return self.total.minor == 0

    @property
    def is_payable(self) -> bool:
        settled = self.payment_status in (PaymentStatus.PAID, PaymentStatus.REFUNDED)
        return self.status is OrderStatus.PENDING and not settled

    def require_payable(self, *, at: datetime) -> None:
        """Refuse unless it still waits for money."""
        expired = self.expires_at is not None and at >= self.expires_at
        if not self.is_payable or expired:
            raise OrderNotPayable(self.status, self.payment_status)

    def payment_started(self, at: datetime) -> None:
        self.payment_status = PaymentStatus.PENDING
        self._note("payment.started", at)

    def payment_failed(self, at: datetime) -> None:
        """Note that an attempt failed; the order waits for another."""
        self.payment_status = PaymentStatus.FAILED
        self._note("payment.failed", at)

    def paid(self, at: datetime) -> None:
        """Take the whole payment: a pending order is confirmed, a cancelled one revived."""
        self._move(OrderStatus.CONFIRMED, at)
        self.payment_status = PaymentStatus.PAID
        self.confirmed_at = at
        self.expires_at = None
        self._note("order.paid", at)
        self.events.append(OrderPaid(self.id))

    def expire(self, at: datetime) -> None:
        """Cancel it because nobody paid in time."""
        self._move(OrderStatus.CANCELLED, at)
        if self.payment_status is PaymentStatus.PENDING:
            self.payment_status = PaymentStatus.FAILED
        self._note("order.expired", at)
        self.events.append(OrderExpired(self.id))

    def _move(self, wanted: OrderStatus, at: datetime) -> None:
        require_step(self.status, wanted)
        self.events.append(OrderStatusChanged(self.id, self.status, wanted))
        self.status = wanted
        self.updated_at = at

    def _note(self, event: str, at: datetime, *, actor: str = "system", note: str = "") -> None:
        self.updated_at = at
        self.news.append(TimelineEntry(event, at, actor, note))
