"""Facts for a mail of each kind."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nexus.application.ports.shopping import OrderDetails, OrderItem
from nexus.domain.addresses import Address
from nexus.domain.order_statuses import FulfillmentStatus, OrderStatus, PaymentStatus
from nexus.domain.shared import Money

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACCOUNT_KINDS = [
    "verification",
    "account_exists",
    "welcome",
    "password_reset",
    "password_changed",
    "email_changed",
    "staff_new_user",
    "low_stock",
    "back_in_stock",
]
ORDER_KINDS = ["order_confirmation", "payment_received", "payment_failed"]
KINDS = ACCOUNT_KINDS + ORDER_KINDS


def item(name: str, quantity: int, price: int, **options: str) -> OrderItem:
    return OrderItem(
        id=UUID(int=1),
        variant_id=UUID(int=2),
        product_id=UUID(int=3),
        name=name,
        sku="SKU-1",
        options=options,
        quantity=quantity,
        unit_price=Money(price),
        discount_amount=Money(0),
        tax_amount=Money(0),
        total=Money(price) * quantity,
        fulfilled_quantity=0,
        returned_quantity=0,
        refunded_amount=Money(0),
    )


HOME = Address(
    first_name="Abebe",
    last_name="Bikila",
    phone="+251911234567",
    sub_city="Bole",
    woreda="03",
    house_no="1234",
    city="Addis Ababa",
)
ORDER = OrderDetails(
    id=UUID(int=4),
    order_number="NX-2026-000123",
    status=OrderStatus.PENDING,
    payment_status=PaymentStatus.UNPAID,
    fulfillment_status=FulfillmentStatus.UNFULFILLED,
    customer_id=None,
    email="abebe@nexus.test",
    locale="en",
    currency="ETB",
    subtotal=Money(985_00),
    discount_amount=Money(100_00),
    shipping_amount=Money(150_00),
    tax_amount=Money(135_00),
    total=Money(1035_00),
    items=(
        item("Sidama coffee, whole beans, 500 g", 2, 310_00, roast="medium"),
        item("Jebena, hand made of black clay", 1, 365_00),
    ),
    shipping_address=HOME,
    billing_address=HOME,
    shipping_method="standard",
    coupon_code="SELAM",
    notes="",
    payments=(),
    created_at=NOON,
    updated_at=NOON,
    confirmed_at=None,
    expires_at=None,
)


def facts_for(kind: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": "Abebe",
        "email": "abebe@nexus.test",
        "sku": "MUG-1",
        "available": 2,
        "threshold": 3,
        "link": f"https://nexus.test/{kind}?token=aGVsbG8td29ybGQtdG9rZW4",
    }
    if kind == "back_in_stock":
        facts |= {"product": "Jebena", "options": {"size": "M"}}
        facts |= {
            it: f"https://nexus.test/{it}?token=d29yZA" for it in ("unsubscribe", "one_click")
        }
    return facts | {"order": ORDER} if kind in ORDER_KINDS else facts
