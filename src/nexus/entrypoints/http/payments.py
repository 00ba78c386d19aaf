"""Paying for an order, and news of it."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from marshmallow import Schema, fields

from nexus.application.payments.close import VoidPayment
from nexus.application.payments.settle import VerifyPayment
from nexus.application.payments.start import Payer, StartPayment
from nexus.application.payments.webhooks import ReceiveWebhook
from nexus.application.ports.gateways import Gateways
from nexus.application.ports.payments import (
    PAYMENT_KEYS,
    PaymentDetails,
    PaymentFilter,
    PaymentQueries,
    PaymentStanding,
)
from nexus.application.ports.system import Answers, Clock
from nexus.domain.payments import PaymentNotFound, PaymentState
from nexus.domain.shared import invalid
from nexus.entrypoints.http.access import (
    ANYONE,
    CUSTOMER,
    VISITOR,
    Caller,
    NotSignedIn,
    caller_or_none,
    current_caller,
    open_to,
)
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.guests import order_token
from nexus.entrypoints.http.idempotency import done_before, idempotent
from nexus.entrypoints.http.paging import (
    Envelope,
    Ordering,
    PageQuery,
    envelope,
    page_schema,
    page_wanted,
)
from nexus.entrypoints.http.schemas import Amount, Flag, Message, Moment, Text

NAMES = {"chapa": "Chapa"}
READ_ALL = ("orders.write", "payments.refund")
# What a customer wants to know: is it paid, is it not yet, or will it not be.
OUTCOMES = {
    PaymentState.PENDING: "pending",
    PaymentState.FAILED: "failed",
    PaymentState.CANCELLED: "failed",
}
INITIATE_EXAMPLE = {"order_id": "01936f2e-7c1a-7bd2-9c56-3b1f0a8d4e11", "provider": "chapa"}


class InitiateBody(Schema):
    """`return_url` is where the customer comes back to: a page of the shop."""

    order_id = fields.UUID(required=True)
    provider = Text(most=20)
    return_url = Text(most=2000)


class VerifyQuery(Schema):
    """The provider's callback calls it `trx_ref`."""

    tx_ref = Text(most=64, metadata={"description": "The payment's `transaction_id`."})
    trx_ref = Text(most=64, metadata={"description": "The same, as the provider calls it."})


class PaymentsQuery(PageQuery):
    unmatched = Flag(metadata={"description": "Those alone that fit no order."})
    status = fields.Enum(
        PaymentState, by_value=True, metadata={"description": "How far it has come."}
    )
    order_id = fields.UUID(metadata={"description": "Of the order with this id."})
    ordering = Ordering(PAYMENT_KEYS)


class PaymentMethod(Schema):
    code = fields.String(required=True, metadata={"example": "chapa"})
    name = fields.String(required=True, metadata={"example": "Chapa"})
    currencies = fields.List(fields.String(), required=True)


class InitiatedPayment(Schema):
    payment_id = fields.UUID(attribute="id", required=True)
    provider = fields.String(required=True)
    status = fields.Enum(PaymentState, by_value=True, required=True)
    checkout_url = fields.String(allow_none=True, required=True)
    transaction_id = fields.String(required=True)
    amount = Amount(required=True)
    currency = fields.String(required=True)
    expires_at = Moment(allow_none=True, required=True)


class StandingShown(Schema):
    id = fields.UUID(attribute="payment_id", required=True)
    order_number = fields.String(required=True)
    provider = fields.String(required=True)
    transaction_id = fields.String(required=True)
    status = fields.Enum(PaymentState, by_value=True, required=True)
    amount = Amount(required=True)
    currency = fields.String(required=True)


class VerifiedPayment(Schema):
    """`status` is `succeeded`, `pending` or `failed`; the payment's own tells more."""

    status = fields.String(required=True)
    payment = fields.Nested(StandingShown, required=True)


class PaymentShown(Schema):
    id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    order_number = fields.String(required=True)
    provider = fields.String(required=True)
    transaction_id = fields.String(required=True)
    provider_reference = fields.String(allow_none=True, required=True)
    amount = Amount(required=True)
    currency = fields.String(required=True)
    status = fields.Enum(PaymentState, by_value=True, required=True)
    method = fields.String(allow_none=True, required=True)
    refunded_amount = Amount(required=True)
    failure_reason = fields.String(allow_none=True, required=True)
    unmatched_reason = fields.String(allow_none=True, required=True)
    received_amount = Amount(allow_none=True, required=True)
    received_currency = fields.String(allow_none=True, required=True)
    created_at = Moment(required=True)
    expires_at = Moment(allow_none=True, required=True)
    completed_at = Moment(allow_none=True, required=True)


def owner_seen_by(caller: Caller) -> UUID | None:
    """Return whose payments a caller sees: their own, or for staff None, which is everybody's."""
    return None if any(map(caller.may, READ_ALL)) else caller.user_id


def payments_blueprint(
    *,
    start_payment: StartPayment,
    verify_payment: VerifyPayment,
    void_payment: VoidPayment,
    receive_webhook: ReceiveWebhook,
    queries: PaymentQueries,
    gateways: Gateways,
    answers: Answers,
    now: Clock,
) -> Routes:
    blueprint = Routes("payments", __name__, description="Paying, and news of payments")

    def details(payment_id: UUID, owner: UUID | None = None) -> PaymentDetails:
        if payment := queries.payment(payment_id, owner=owner):
            return payment
        raise PaymentNotFound(payment_id)

    def standing(payment_id: UUID) -> dict[str, str | PaymentStanding]:
        if payment := queries.standing(payment_id):
            outcome = OUTCOMES.get(payment.status, "succeeded")
            return {"status": outcome, "payment": payment}
        raise PaymentNotFound(payment_id)

    @blueprint.get("/payments/methods")
    @blueprint.response(200, PaymentMethod(many=True))
    @open_to(ANYONE)
    def methods() -> list[dict[str, Any]]:
        """List the ways to pay that are configured."""
        return [
            {"code": it, "name": NAMES.get(it, it), "currencies": sorted(gateways[it].currencies)}
            for it in gateways
        ]

    @blueprint.post("/payments/initiate")
    @blueprint.post("/payments")
    @idempotent(answers, now)
    @blueprint.arguments(InitiateBody, example=INITIATE_EXAMPLE)
    @blueprint.response(201, InitiatedPayment)
    @open_to(VISITOR)
    def initiate(body: dict[str, Any]) -> tuple[PaymentDetails, int, dict[str, str]]:
        """Open a checkout for an order; an earlier one that is still open is closed."""
        caller, token = caller_or_none(), order_token()
        if caller is None and not token:
            raise NotSignedIn
        payer = Payer(caller.user_id if caller else None, token)
        payment_id = done_before() or start_payment(payer=payer, **body)
        location = url_for("payments.get_payment", payment_id=payment_id)
        return details(payment_id), 201, {"Location": location}

    @blueprint.get("/payments/verify/<uuid:payment_id>")
    @blueprint.post("/payments/verify/<uuid:payment_id>")
    @blueprint.response(200, VerifiedPayment)
    @open_to(ANYONE)
    def verify(payment_id: UUID) -> dict[str, str | PaymentStanding]:
        """Ask the provider what became of a payment; nothing that the caller says is believed."""
        return standing(verify_payment(payment_id=payment_id))

    @blueprint.get("/payments/verify")
    @blueprint.arguments(VerifyQuery, location="query")
    @blueprint.response(200, VerifiedPayment)
    @open_to(ANYONE)
    def verify_reference(query: dict[str, str]) -> dict[str, str | PaymentStanding]:
        """Ask the same by the payment's reference, as the provider's callback does."""
        reference = query.get("tx_ref") or query.get("trx_ref")
        if not reference:
            raise invalid("tx_ref", "Missing data for required field.")
        return standing(verify_payment(reference=reference))

    @blueprint.post("/payments/webhooks/<provider>")
    @blueprint.response(200, Message)
    @open_to(ANYONE)
    def webhook(provider: str) -> dict[str, str]:
        """Take a provider's signed message, as its raw bytes."""
        receive_webhook(provider=provider, body=request.get_data(), headers=dict(request.headers))
        return {"message": "Received."}

    @blueprint.get("/payments")
    @blueprint.arguments(PaymentsQuery, location="query")
    @blueprint.response(200, page_schema(PaymentShown))
    @open_to(CUSTOMER)
    def list_payments(query: dict[str, Any]) -> Envelope:
        """List one's own payments, newest first; staff see everybody's, and what is unmatched."""
        wanted, owner = page_wanted(query), owner_seen_by(current_caller())
        return envelope(queries.payments(wanted, PaymentFilter(owner=owner, **query)), wanted)

    @blueprint.get("/payments/<uuid:payment_id>")
    @blueprint.response(200, PaymentShown)
    @open_to(CUSTOMER)
    def get_payment(payment_id: UUID) -> PaymentDetails:
        """Show a payment."""
        return details(payment_id, owner_seen_by(current_caller()))

    @blueprint.delete("/payments/<uuid:payment_id>")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def void(payment_id: UUID) -> None:
        """Give up a payment that is still pending."""
        void_payment(payment_id=payment_id, owner=owner_seen_by(current_caller()))

    return blueprint
