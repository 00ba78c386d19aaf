"""The outside world that is reached over a network, in the shop's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from nexus.domain.shared import Money, Unauthenticated, Unavailable


@dataclass(eq=False)
class GatewayUnavailable(Unavailable):
    """The gateway gave no usable answer, so what became of the call is unknown."""

    provider: str
    timed_out: bool = False


@dataclass(eq=False)
class PaymentDeclined(Unavailable):
    """The gateway understood, and will not start this payment."""

    provider: str
    reason: str

    @property
    def code(self) -> str:
        return "gateway_unavailable"


class InvalidSignature(Unauthenticated): ...


class MailUnavailable(Unavailable): ...


class QueueUnavailable(Unavailable): ...


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What the gateway is asked to collect. Names and phone are left out where unknown."""

    reference: str
    amount: Money
    email: str
    title: str
    description: str
    callback_url: str
    return_url: str
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class StartedPayment:
    checkout_url: str | None
    expires_at: datetime | None = None


class Outcome(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Verified:
    """What the gateway itself says of a reference; the amount is what it took, where it tells."""

    outcome: Outcome
    reference: str
    amount: Money | None = None
    provider_reference: str | None = None
    method: str | None = None
    failure_reason: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookNews:
    """A signed message; `key` is the same each time the provider repeats it."""

    key: str
    reference: str | None
    kind: str


class PaymentGateway(Protocol):
    """A provider of payments. Every method but read_webhook raises GatewayUnavailable."""

    @property
    def provider(self) -> str: ...

    def start(self, request: PaymentRequest) -> StartedPayment:
        """Open a checkout for this reference, which is never used again; raise PaymentDeclined."""

    def verify(self, reference: str) -> Verified:
        """Ask what became of a reference. One it does not know is still pending."""

    def cancel(self, reference: str) -> None:
        """Close an open checkout; one that is closed or paid already stays as it is."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNews:
        """Check the signature over the raw bytes; raise InvalidSignature."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be rendered and sent; `id` is the same at every attempt (its Message-ID)."""

    id: UUID
    kind: str
    to: str
    facts: Mapping[str, Any]
    locale: str = "en"


class Mailer(Protocol):
    def send(self, letter: Letter) -> None:
        """Render in HTML and plain text and hand over; raise MailUnavailable."""
