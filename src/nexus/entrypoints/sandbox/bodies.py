"""A transaction and its refunds as Chapa writes them: in answers, and in webhooks."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from nexus.entrypoints.sandbox.transactions import Refund, Status, Transaction

Body = dict[str, Any]

EVENTS = {
    Status.SUCCESS: ("charge.success", "success"),
    Status.FAILED: ("charge.failed/cancelled", "failed/cancelled"),
    Status.CANCELLED: ("charge.failed/cancelled", "failed/cancelled"),
    Status.REFUNDED: ("charge.refunded", "refunded"),
}


def timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def both_have(transaction: Transaction) -> Body:
    custom = transaction.customization
    return {
        "first_name": transaction.first_name,
        "last_name": transaction.last_name,
        "email": transaction.email,
        "currency": transaction.currency,
        "mode": "test",
        "type": "API",
        "reference": transaction.reference,
        "tx_ref": transaction.tx_ref,
        "customization": {name: custom.get(name) for name in ("title", "description", "logo")},
        "meta": transaction.meta,
        "created_at": timestamp(transaction.created_at),
        "updated_at": timestamp(transaction.updated_at),
    }


def verified(transaction: Transaction, *, amounts_as_text: bool) -> Body:
    def number(amount: Decimal) -> str | float:
        return f"{amount:.2f}" if amounts_as_text else float(amount)

    return both_have(transaction) | {
        "amount": number(transaction.amount),
        "charge": number(transaction.charge),
        "method": transaction.method,
        "status": transaction.status,
    }


def event(transaction: Transaction) -> Body:
    name, status = EVENTS[transaction.status]
    phone = transaction.phone_number
    return both_have(transaction) | {
        "event": name,
        "mobile": phone and f"251{phone[1:]}",
        "amount": f"{transaction.amount:.2f}",
        "charge": f"{transaction.charge:.2f}",
        "status": status,
        "payment_method": transaction.method,
    }


def refund_event(transaction: Transaction, refund: Refund) -> Body:
    return event(transaction) | {
        "event": "charge.refunded",
        "status": "refunded",
        "amount": f"{refund.amount:.2f}",
        "meta": refund.meta,
    }


def cancelled(transaction: Transaction) -> Body:
    return {
        "tx_ref": transaction.tx_ref,
        "amount": f"{transaction.amount:.2f}",
        "currency": transaction.currency,
        "created_at": timestamp(transaction.created_at),
        "updated_at": timestamp(transaction.updated_at),
    }


def refund(transaction: Transaction, refund: Refund, status: str) -> Body:
    return {
        "chapa_reference": transaction.reference,
        "bank_reference": None,
        "amount": f"{refund.amount:.2f}",
        "ref_id": refund.ref_id,
        "ref": refund.ref_id,
        "currency": transaction.currency,
        "status": status,
        "reason": refund.reason,
        "merchant_reference": refund.merchant_reference,
        "meta": refund.meta,
        "created_at": timestamp(refund.created_at),
        "updated_at": timestamp(refund.created_at),
    }
