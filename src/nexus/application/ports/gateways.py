"""The outside world that is reached over a network, in the shop's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from nexus.domain.shared import Invalid, Money, Unauthenticated, Unavailable


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

    code = "gateway_unavailable"


class InvalidSignature(Unauthenticated): ...


class MalformedWebhook(Invalid):
    """Signed as it should be, and not in the provider's form."""

    code = "malformed_request"


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
    """Where the customer pays; nowhere, if the payment is made offline."""

    checkout_url: str | None


class Outcome(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Verified:
    """What the gateway itself says of a reference; amount and mode are None where it does not."""

    outcome: Outcome
    reference: str
    amount: Money | None = None
    mode: str | None = None
    provider_reference: str | None = None
    method: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookNews:
    """A signed message; `key` is the same each time the provider repeats it.

    `amount` is what it says has been paid, and None if it is about something else.
    """

    key: str
    kind: str
    reference: str | None
    amount: Money | None = None


class PaymentGateway(Protocol):
    """A provider of payments. Every call over the network may raise GatewayUnavailable."""

    @property
    def provider(self) -> str: ...

    @property
    def currencies(self) -> frozenset[str]:
        """What it takes; anything else is not worth asking for."""

    @property
    def mode(self) -> str:
        """`live` where real money moves, or `test`; each payment must say the same."""

    def start(self, request: PaymentRequest) -> StartedPayment:
        """Open a checkout for this reference, which is never used again; raise PaymentDeclined."""

    def verify(self, reference: str) -> Verified:
        """Ask what became of a reference. One it does not know is still pending."""

    def cancel(self, reference: str) -> None:
        """Close an open checkout; one that is closed or paid already stays as it is."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNews:
        """Check the signature over the raw bytes; raise InvalidSignature or MalformedWebhook."""


# By the name of their provider: those that are configured.
Gateways = Mapping[str, PaymentGateway]


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
