"""Carts, coupons and orders: how they are kept, and asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.addresses import Address
from nexus.domain.carts import Cart
from nexus.domain.coupons import Coupon
from nexus.domain.order_statuses import FulfillmentStatus, OrderStatus, PaymentStatus
from nexus.domain.orders import Order
from nexus.domain.shared import Money


@dataclass(frozen=True, slots=True)
class CartOwner:
    """Whose cart: a signed-in customer's, or that of whoever holds the guest token."""

    customer_id: UUID | None = None
    token_hash: str | None = None

    def __post_init__(self) -> None:
        if (self.customer_id is None) == (self.token_hash is None):
            raise ValueError("a cart has one owner")


class Carts(Protocol):
    def open(self, cart: Cart) -> Cart:
        """Keep this cart unless its owner has one already; return the owner's, locked."""

    def save(self, cart: Cart) -> None: ...
    def remove(self, cart: Cart) -> None: ...

    def lock(self, owner: CartOwner) -> Cart | None:
        """Return the owner's cart, keeping other work off it until this work ends."""

    def take(self, owner: CartOwner) -> Cart | None:
        """Remove the owner's cart and return it, so that nobody else can order it."""


class Coupons(Protocol):
    def add(self, coupon: Coupon) -> None: ...
    def save(self, coupon: Coupon) -> None: ...
    def remove(self, coupon: Coupon) -> None: ...

    def lock(self, coupon_id: UUID) -> Coupon:
        """Return one, keeping its use and change from other work; raise CouponNotFound."""

    def with_uses(
        self, codes: Sequence[str], *, buyer: str
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        """Return those there are, in the order asked for, and how often the buyer has used each."""

    def lock_with_uses(
        self, codes: Sequence[str], *, buyer: str
    ) -> tuple[list[Coupon], Mapping[str, int]]:
        """Return the same, keeping other work off these coupons until this work ends."""

    def was_used(self, coupon_id: UUID) -> bool: ...

    def redeem(self, order_id: UUID, *, buyer: str, amounts: Mapping[str, Money]) -> None:
        """Count one use of each code for this order; raise CouponLost where a limit is reached.

        The coupons are locked before.
        """

    def give_back(self, order_id: UUID) -> None:
        """Uncount an order's uses, once."""


class Orders(Protocol):
    def add(self, order: Order) -> None:
        """Keep a new order with its lines and timeline, and give it its number."""

    def save(self, order: Order) -> None: ...

    def lock(self, order_id: UUID) -> Order:
        """Return it, keeping other work off it until this work ends; raise OrderNotFound."""

    def expired(self, *, at: datetime, limit: int) -> list[UUID]:
        """Return pending orders whose time to pay is over."""


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """A cart line beside what is for sale now, or what was if it is not sold any more."""

    id: UUID
    variant_id: UUID
    quantity: int
    seen_price: Money
    product_id: UUID
    product_name: str
    product_slug: str
    main_image_url: str | None
    sku: str
    options: Mapping[str, str]
    unit_price: Money
    available: int
    is_sold: bool
    category_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class CartContents:
    id: UUID
    currency: str
    updated_at: datetime
    lines: tuple[OfferedLine, ...]
    coupons: tuple[Coupon, ...]
    uses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OrderItem:
    id: UUID
    variant_id: UUID
    product_id: UUID
    name: str
    sku: str
    options: Mapping[str, str]
    quantity: int
    unit_price: Money
    discount_amount: Money
    tax_amount: Money
    total: Money
    fulfilled_quantity: int
    returned_quantity: int
    refunded_amount: Money


@dataclass(frozen=True, slots=True)
class OrderPayment:
    id: UUID
    provider: str
    transaction_id: str
    status: str
    amount: Money
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDetails:
    id: UUID
    order_number: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    customer_id: UUID | None
    email: str
    locale: str
    currency: str
    subtotal: Money
    discount_amount: Money
    shipping_amount: Money
    tax_amount: Money
    total: Money
    items: tuple[OrderItem, ...]
    shipping_address: Address
    billing_address: Address
    shipping_method: str
    coupon_code: str | None
    notes: str
    payments: tuple[OrderPayment, ...]
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    event: str
    actor: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderFilter:
    customer_id: UUID | None = None
    status: str | None = None
    payment_status: str | None = None
    created_after: datetime | None = None
    search: str | None = None
    ordering: tuple[str, ...] = ()


ORDER_KEYS = frozenset({"created_at", "total"})
COUPON_KEYS = frozenset({"created_at", "code"})


class ShoppingQueries(Protocol):
    def cart(self, owner: CartOwner) -> CartContents | None: ...

    def order(self, order: UUID | str, *, customer_id: UUID | None = None) -> OrderDetails | None:
        """Return the order of this id or number, if it is this customer's where one is named."""

    def orders(self, wanted: PageWanted, which: OrderFilter) -> Page[OrderDetails]: ...

    def history(self, order_id: UUID) -> Sequence[HistoryEntry]: ...

    def coupons(
        self, wanted: PageWanted, *, public_at: datetime | None, ordering: Sequence[str] = ()
    ) -> Page[Coupon]:
        """Return all, or only those that are public and valid at that time."""

    def coupon(self, coupon_id: UUID) -> Coupon | None: ...
