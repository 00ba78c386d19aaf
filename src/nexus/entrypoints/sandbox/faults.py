"""What can go wrong on purpose. A fault is only a name, asked for in the one place it spoils."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_LATE = "webhook_late"
    WEBHOOK_LOST = "webhook_lost"
    WEBHOOK_BEFORE_RETURN = "webhook_before_return"
    WEBHOOK_BAD_SIGNATURE = "webhook_bad_signature"
    WEBHOOK_WRONG_AMOUNT = "webhook_wrong_amount"
    WEBHOOK_WRONG_CURRENCY = "webhook_wrong_currency"
    WEBHOOK_UNKNOWN_TX = "webhook_unknown_tx"
    INITIALIZE_TIMEOUT = "initialize_timeout"
    INITIALIZE_5XX = "initialize_5xx"
    INITIALIZE_HTML = "initialize_html"
    VERIFY_TIMEOUT = "verify_timeout"
    VERIFY_5XX = "verify_5xx"
    VERIFY_PENDING_FIRST = "verify_pending_first"
    VERIFY_WRONG_AMOUNT = "verify_wrong_amount"
    PAID_AFTER_CANCEL = "paid_after_cancel"
    REFUND_FAILS = "refund_fails"


Faults = frozenset[Fault]
NO_FAULTS: Faults = frozenset()
