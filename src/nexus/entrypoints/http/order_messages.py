"""What is said about orders, in and out."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from nexus.application.ports.shopping import (
    ORDER_KEYS,
)
from nexus.domain.order_statuses import FulfillmentStatus, OrderStatus, PaymentStatus
from nexus.entrypoints.http.addresses import AddressBody, AddressShown
from nexus.entrypoints.http.identity import Email
from nexus.entrypoints.http.paging import (
    Ordering,
    PageQuery,
)
from nexus.entrypoints.http.schemas import Amount, Flag, Moment, Since, Text

CHECKOUT_EXAMPLE = {
    "shipping_address": {
        "first_name": "Abebe",
        "last_name": "Kebede",
        "phone": "0911223344",
        "city": "Addis Ababa",
        "sub_city": "Bole",
        "woreda": "03",
        "house_no": "1234",
    },
    "email": "abebe@nexus.test",
    "notes": "Call before you come.",
}


class CheckoutBody(Schema):
    """Addresses by id or in full; the billing address is the shipping one unless it is given."""

    shipping_address_id = fields.UUID()
    shipping_address = fields.Nested(AddressBody)
    billing_address_id = fields.UUID()
    billing_address = fields.Nested(AddressBody)
    use_shipping_as_billing = Flag(load_default=True)
    coupon_code = Text(most=40)
    shipping_method = Text(most=40)
    notes = Text(most=2000, load_default="")
    email = Email()
    quote = Text(most=500)

    @validates_schema
    def check_addresses(self, data: dict[str, Any], **kwargs: Any) -> None:
        shipping = "shipping_address" in data, "shipping_address_id" in data
        billing = "billing_address" in data, "billing_address_id" in data
        if sum(shipping) != 1:
            raise ValidationError("Give an id or an address.", "shipping_address")
        if sum(billing) > 1 or (not any(billing) and not data["use_shipping_as_billing"]):
            raise ValidationError("Give an id or an address.", "billing_address")


class OrderItemShown(Schema):
    id = fields.UUID(required=True)
    variant_id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    name = fields.String(required=True)
    sku = fields.String(required=True)
    options = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    quantity = fields.Integer(required=True)
    unit_price = Amount(required=True)
    discount_amount = Amount(required=True)
    tax_amount = Amount(required=True)
    total = Amount(required=True)
    fulfilled_quantity = fields.Integer(required=True)
    returned_quantity = fields.Integer(required=True)
    refunded_amount = Amount(required=True)


class OrderPaymentShown(Schema):
    id = fields.UUID(required=True)
    provider = fields.String(required=True)
    transaction_id = fields.String(required=True)
    status = fields.String(required=True)
    amount = Amount(required=True)
    currency = fields.String(required=True)
    created_at = Moment(required=True)


class OrderShown(Schema):
    id = fields.UUID(required=True)
    order_number = fields.String(required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    payment_status = fields.Enum(PaymentStatus, by_value=True, required=True)
    fulfillment_status = fields.Enum(FulfillmentStatus, by_value=True, required=True)
    email = fields.String(required=True)
    currency = fields.String(required=True)
    subtotal = Amount(required=True)
    discount_amount = Amount(required=True)
    shipping_amount = Amount(required=True)
    tax_amount = Amount(required=True)
    total = Amount(required=True)
    items = fields.List(fields.Nested(OrderItemShown), required=True)
    shipping_address = fields.Nested(AddressShown, required=True)
    billing_address = fields.Nested(AddressShown, required=True)
    shipping_method = fields.String(required=True)
    coupon_code = fields.String(allow_none=True, required=True)
    notes = fields.String(required=True)
    payments = fields.List(fields.Nested(OrderPaymentShown), required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    confirmed_at = Moment(allow_none=True, required=True)
    expires_at = Moment(allow_none=True, required=True)


class PlacedOrder(OrderShown):
    """A guest's order comes with the token that opens it from now on."""

    order_token = fields.String()


class HistoryShown(Schema):
    event = fields.String(required=True)
    actor = fields.String(required=True)
    note = fields.String(required=True)
    at = Moment(required=True)


class OrdersQuery(PageQuery):
    status = fields.Enum(
        OrderStatus, by_value=True, metadata={"description": "How far it has come."}
    )
    payment_status = fields.Enum(
        PaymentStatus, by_value=True, metadata={"description": "What of it is paid."}
    )
    created_after = Since(metadata={"description": "A time, or a day."})
    search = Text(most=200, metadata={"description": "In its number or e-mail."})
    user = fields.UUID(metadata={"description": "Staff only: the id of the customer."})
    ordering = Ordering(ORDER_KEYS)
