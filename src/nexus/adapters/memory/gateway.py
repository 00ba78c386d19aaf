"""A provider of payments in memory, whose customers do as they are told."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace

from nexus.application.ports.gateways import (
    GatewayUnavailable,
    InvalidSignature,
    MalformedWebhook,
    Outcome,
    PaymentDeclined,
    PaymentRequest,
    StartedPayment,
    Verified,
    WebhookNews,
)
from nexus.domain.shared import Money

SECRET = b"memory-webhook"


class MemoryGateway:
    """Keeps what was asked of it; `is_down` makes every call fail."""

    provider = "memory"
    currencies = frozenset({"ETB", "USD"})
    mode = "test"

    def __init__(self) -> None:
        self.is_down = False
        self.is_closed = False
        self.requests: dict[str, PaymentRequest] = {}
        self._payments: dict[str, Verified] = {}

    def start(self, request: PaymentRequest) -> StartedPayment:
        self._answer()
        if request.reference in self._payments:
            raise GatewayUnavailable(self.provider)
        if self.is_closed or request.amount.minor <= 0:
            raise PaymentDeclined(self.provider, "takes no such payment")
        self.requests[request.reference] = request
        self._payments[request.reference] = Verified(
            Outcome.PENDING, request.reference, request.amount, self.mode
        )
        return StartedPayment(f"https://pay.test/{request.reference}")

    def verify(self, reference: str) -> Verified:
        self._answer()
        return self._payments.get(reference, Verified(Outcome.PENDING, reference))

    def cancel(self, reference: str) -> None:
        self._answer()
        found = self._payments.get(reference)
        if found and found.outcome in (Outcome.PENDING, Outcome.FAILED):
            self._payments[reference] = replace(found, outcome=Outcome.CANCELLED)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNews:
        given = {name.lower(): value for name, value in headers.items()}.get("x-signature", "")
        if not hmac.compare_digest(_sign(body).encode(), given.encode()):
            raise InvalidSignature
        try:
            facts = json.loads(body)
            amount = Money(facts["minor"], facts["currency"])
            reference, kind = facts["reference"], facts["kind"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise MalformedWebhook from error
        return WebhookNews(hashlib.sha256(body).hexdigest(), kind, reference, amount)

    def pay(self, reference: str, amount: Money | None = None) -> None:
        """Let the customer pay, even at a checkout that was cancelled a moment ago."""
        found = self._payments[reference]
        self._payments[reference] = replace(
            found,
            outcome=Outcome.SUCCEEDED,
            amount=amount or found.amount,
            provider_reference=f"MEM{reference[-8:]}",
            method="telebirr",
        )

    def decline(self, reference: str) -> None:
        """Let the customer's payment be declined; they may try again."""
        found = self._payments[reference]
        self._payments[reference] = replace(
            found, outcome=Outcome.FAILED, failure_reason="declined"
        )

    def webhook(self, reference: str, amount: Money) -> tuple[bytes, dict[str, str]]:
        """Return a signed message as it would be sent: its body and its headers."""
        facts = {"kind": "paid", "reference": reference}
        body = json.dumps(facts | {"minor": amount.minor, "currency": amount.currency}).encode()
        return body, self.sign(body)

    def sign(self, body: bytes) -> dict[str, str]:
        return {"X-Signature": _sign(body)}

    def _answer(self) -> None:
        if self.is_down:
            raise GatewayUnavailable(self.provider, timed_out=True)


def _sign(body: bytes) -> str:
    return hmac.new(SECRET, body, "sha256").hexdigest()
