"""Chapa's API, version 1: as strict as the real one, and in its own words."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from nexus.entrypoints.sandbox import bodies
from nexus.entrypoints.sandbox.banks import BANKS
from nexus.entrypoints.sandbox.config import SandboxConfig
from nexus.entrypoints.sandbox.deliveries import Deliveries
from nexus.entrypoints.sandbox.faults import Fault
from nexus.entrypoints.sandbox.rules import CURRENCIES, as_amount, complaints_about, value_at
from nexus.entrypoints.sandbox.state import (
    Exchange,
    ReferenceUsed,
    SandboxState,
    UnknownTransaction,
)
from nexus.entrypoints.sandbox.transactions import (
    NotPayable,
    NotRefundable,
    Refund,
    Status,
    Transaction,
    utc_now,
)

UNKNOWN = "Invalid transaction or Transaction not found"
NOT_JSON = (
    "Incorrect header settings Please check if content-type is present and set to application/json"
)
OVER_AMOUNT = "Refund amount cannot exceed the full transaction amount or be less than 0"
REFUND_BEGUN = "Refund initiated successfully. Processing time: 1-3 business days"
HTML_ERROR = """<!DOCTYPE html>
<html><head><title>ERROR: The request could not be satisfied</title></head>
<body><h1>{status} ERROR</h1><p>The request could not be satisfied.</p></body></html>
"""


@dataclass(eq=False)
class ChapaRefusal(Exception):
    """The message is a text, or complaints by field."""

    http_status: int
    message: Any
    status: str | None = "failed"


def success(message: str, data: Any) -> Response:
    return jsonify(message=message, status="success", data=data)


def failure(refusal: ChapaRefusal) -> ResponseReturnValue:
    body = {"message": refusal.message, "status": refusal.status, "data": None}
    return jsonify(body), refusal.http_status


def html_error(status: int) -> Response:
    return Response(HTML_ERROR.format(status=status), status, content_type="text/html")


def server_error() -> ResponseReturnValue:
    return jsonify(message="Server Error"), 500


def stamp(response: Response) -> Response:
    response.headers["X-Simulator"] = "chapa"
    return response


def sent_body() -> Any:
    return request.get_json(silent=True) if request.is_json else request.form.to_dict()


def sent_fields() -> dict[str, Any]:
    """Return what was sent, taking anything but an object for nothing, as Laravel does."""
    body = sent_body()
    return body if isinstance(body, dict) else {}


def refuse_strangers(expected_key: str) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise ChapaRefusal(401, "Authorization required")
    if key == expected_key:
        return
    if "/transaction/verify/" in request.path and key.startswith("CHASECK-"):
        raise ChapaRefusal(401, "Live secret keys can't be used to verify a test transaction")
    raise ChapaRefusal(401, "Invalid API Key or User doesn't exist")


def wanted_payment(lifetime: timedelta) -> Transaction:
    if request.mimetype != "application/json":
        raise ChapaRefusal(400, NOT_JSON)
    body = sent_fields()
    if complaints := complaints_about(body):
        raise ChapaRefusal(400, complaints)
    if body["currency"] not in CURRENCIES:
        raise ChapaRefusal(400, f"Invalid currency, {body['currency']} is not supported")
    texts = ("email", "first_name", "last_name", "phone_number", "callback_url", "return_url")
    return Transaction(
        tx_ref=body["tx_ref"],
        amount=Decimal(str(body["amount"])),
        currency=body["currency"],
        expires_at=utc_now() + lifetime,
        customization=body.get("customization") or {},
        meta=body.get("meta"),
        **{name: value_at(body, name) for name in texts},
    )


def wanted_refund(transaction: Transaction) -> Refund:
    body = sent_fields()
    amount = value_at(body, "amount")
    left = transaction.amount - transaction.refunded
    wanted = left if amount is None else as_amount(amount)
    if wanted is None:
        raise ChapaRefusal(400, {"amount": ["validation.numeric"]})
    metas = {name[5:-1]: text for name, text in body.items() if name.startswith("meta[")}
    return Refund(
        amount=wanted,
        reason=value_at(body, "reason"),
        merchant_reference=value_at(body, "reference"),
        meta=body.get("meta") or metas or None,
    )


def chapa_api(config: SandboxConfig, state: SandboxState, deliveries: Deliveries) -> Blueprint:
    api = Blueprint("chapa", __name__, url_prefix="/chapa/v1")
    api.register_error_handler(ChapaRefusal, failure)

    def known(find: Any, reference: str, *, status: int = 404) -> Any:
        try:
            return find(reference)
        except UnknownTransaction:
            raise ChapaRefusal(status, UNKNOWN) from None

    @api.before_request
    def refuse_the_ill_formed() -> Response | None:
        if request.method == "GET" and request.content_length:
            return html_error(403)
        refuse_strangers(config.chapa_secret_key)
        return None

    @api.after_request
    def record(response: Response) -> Response:
        exchange = Exchange(
            direction="in",
            method=request.method,
            path=request.path,
            status=response.status_code,
            body=sent_body() or None,
        )
        state.record(exchange)
        return stamp(response)

    @api.post("/transaction/initialize")
    def initialize() -> ResponseReturnValue:
        if Fault.INITIALIZE_5XX in state.scenario:
            return server_error()
        payment = wanted_payment(timedelta(minutes=config.checkout_minutes))
        try:
            state.open(payment)
        except ReferenceUsed:
            raise ChapaRefusal(400, "Transaction reference has been used before") from None
        # These two fail only after the payment is on record, which is what makes them hard.
        if Fault.INITIALIZE_HTML in state.scenario:
            return html_error(502)
        if Fault.INITIALIZE_TIMEOUT in state.scenario:
            time.sleep(config.timeout)
        url = url_for("checkout.page", tx_ref=payment.tx_ref, _external=True)
        return success("Hosted Link", {"checkout_url": url})

    @api.get("/transaction/verify/<tx_ref>")
    def verify(tx_ref: str) -> ResponseReturnValue:
        transaction = known(state.by_tx_ref, tx_ref, status=config.unknown_status)
        faults = state.faults_of(transaction)
        if Fault.VERIFY_TIMEOUT in faults:
            time.sleep(config.timeout)
        if Fault.VERIFY_5XX in faults:
            return server_error()
        if transaction.status is Status.PENDING and config.unpaid_is_not_found:
            raise ChapaRefusal(404, "Payment not paid yet", status=None)
        if Fault.VERIFY_WRONG_AMOUNT in faults:
            transaction = replace(transaction, amount=transaction.amount / 2)
        if Fault.VERIFY_PENDING_FIRST in faults and not transaction.was_verified:
            transaction = replace(transaction, status=Status.PENDING)
            state.change(tx_ref, lambda it: replace(it, was_verified=True))
        data = bodies.verified(transaction, amounts_as_text=config.amounts_as_text)
        return success("Payment details", data)

    @api.put("/transaction/cancel/<tx_ref>")
    def cancel(tx_ref: str) -> ResponseReturnValue:
        known(state.by_tx_ref, tx_ref)
        try:
            cancelled = state.change(tx_ref, lambda it: it.cancel(at=utc_now()))
        except NotPayable:
            raise ChapaRefusal(400, "Payment link already expired") from None
        return success("Checkout link expired successfully", bodies.cancelled(cancelled))

    @api.post("/refund/<reference>")
    def refund(reference: str) -> ResponseReturnValue:
        transaction = known(state.by_any_reference, reference)
        if Fault.REFUND_FAILS in state.faults_of(transaction):
            raise ChapaRefusal(400, "Refunds can only be processed in live mode")
        wanted = wanted_refund(transaction)
        try:
            refunded = state.refund(transaction.tx_ref, wanted)
        except ReferenceUsed:
            raise ChapaRefusal(400, {"reference": ["validation.unique"]}) from None
        except NotRefundable:
            raise ChapaRefusal(400, OVER_AMOUNT) from None
        deliveries.announce_refund(refunded, wanted)
        return success(REFUND_BEGUN, bodies.refund(refunded, wanted, "Refund Initiated"))

    @api.get("/refund/<ref_id>/verify")
    def verify_refund(ref_id: str) -> ResponseReturnValue:
        transaction, refunded = known(state.refund_by_id, ref_id)
        data = bodies.refund(transaction, refunded, "refunded")
        return success("Refund verified successfully", data)

    @api.get("/banks")
    def banks() -> ResponseReturnValue:
        return jsonify(message="Banks retrieved", data=BANKS)

    return api
