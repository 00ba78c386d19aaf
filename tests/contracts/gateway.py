"""What every provider of payments promises, played by ours or by the sandbox."""

from typing import Protocol
from uuid import UUID, uuid5

import pytest

from nexus.application.ports.gateways import (
    GatewayUnavailable,
    InvalidSignature,
    MalformedWebhook,
    Outcome,
    PaymentDeclined,
    PaymentGateway,
    PaymentRequest,
)
from nexus.domain.shared import Money

PRICE = Money(1500_50)
REFERENCES = UUID("6f1a3c52-0b0e-4a0e-9a53-6c1d7a2f9b10")


class Cashier(Protocol):
    """A gateway with a customer at its checkout."""

    @property
    def gateway(self) -> PaymentGateway: ...

    def pay(self, reference: str) -> None: ...
    def decline(self, reference: str) -> None: ...
    def fall_silent(self) -> None: ...
    def webhook(self, reference: str) -> tuple[bytes, dict[str, str]]:
        """Return the signed message of a payment of PRICE."""

    def sign(self, body: bytes) -> dict[str, str]: ...


def payment_request(name: str, amount: Money = PRICE) -> PaymentRequest:
    return PaymentRequest(
        reference=f"nx-{uuid5(REFERENCES, name).hex}",
        amount=amount,
        email="abebe@nexus.test",
        title="የአበበ ሱቅ & Sons (Addis Ababa)",
        description="Order #NX-2026-000001: ቡና ለአበበ, and much, much more of it",
        callback_url="http://127.0.0.1:9/api/v1/payments/verify",
        return_url="http://127.0.0.1:9/api/v1/payments/verify/1",
        first_name="አበበ",
        phone="+251911223344",
    )


class GatewayContract:
    @pytest.fixture
    def cashier(self) -> Cashier:
        raise NotImplementedError

    @pytest.fixture
    def reference(self, cashier: Cashier, request: pytest.FixtureRequest) -> str:
        """The reference of a checkout that was opened a moment ago."""
        wanted = payment_request(request.node.name)
        cashier.gateway.start(wanted)
        return wanted.reference

    def test_opens_a_checkout(self, cashier: Cashier) -> None:
        started = cashier.gateway.start(payment_request("opens"))

        assert started.checkout_url
        assert started.checkout_url.startswith("http")

    def test_waits_for_a_customer_who_has_not_paid(self, cashier: Cashier, reference: str) -> None:
        assert cashier.gateway.verify(reference).outcome is Outcome.PENDING

    def test_knows_nothing_yet_of_a_reference_it_has_not_seen(self, cashier: Cashier) -> None:
        assert cashier.gateway.verify("nx-unheard-of").outcome is Outcome.PENDING

    def test_tells_all_of_a_payment_that_came_in(self, cashier: Cashier, reference: str) -> None:
        cashier.pay(reference)

        verified = cashier.gateway.verify(reference)

        assert verified.outcome is Outcome.SUCCEEDED
        assert verified.reference == reference
        assert verified.amount == PRICE
        assert verified.mode == cashier.gateway.mode == "test"
        assert verified.provider_reference
        assert verified.method == "telebirr"

    def test_lets_a_declined_customer_try_again(self, cashier: Cashier, reference: str) -> None:
        cashier.decline(reference)
        declined = cashier.gateway.verify(reference)
        cashier.pay(reference)

        assert declined.outcome is Outcome.FAILED
        assert declined.failure_reason
        assert cashier.gateway.verify(reference).outcome is Outcome.SUCCEEDED

    def test_closes_an_open_checkout(self, cashier: Cashier, reference: str) -> None:
        cashier.gateway.cancel(reference)

        assert cashier.gateway.verify(reference).outcome is Outcome.CANCELLED

    def test_leaves_a_paid_one_as_it_is(self, cashier: Cashier, reference: str) -> None:
        cashier.pay(reference)

        cashier.gateway.cancel(reference)

        assert cashier.gateway.verify(reference).outcome is Outcome.SUCCEEDED

    def test_does_not_mind_closing_what_it_never_saw(self, cashier: Cashier) -> None:
        cashier.gateway.cancel("nx-unheard-of")

    def test_refuses_to_collect_nothing(self, cashier: Cashier) -> None:
        with pytest.raises(PaymentDeclined):
            cashier.gateway.start(payment_request("nothing", Money(0)))

    def test_leaves_the_outcome_open_when_a_reference_is_used_again(
        self, cashier: Cashier, request: pytest.FixtureRequest, reference: str
    ) -> None:
        with pytest.raises(GatewayUnavailable):
            cashier.gateway.start(payment_request(request.node.name))

    def test_says_so_when_it_cannot_be_reached(self, cashier: Cashier, reference: str) -> None:
        cashier.fall_silent()

        with pytest.raises(GatewayUnavailable):
            cashier.gateway.verify(reference)
        with pytest.raises(GatewayUnavailable):
            cashier.gateway.start(payment_request("silent"))

    def test_reads_its_own_news(self, cashier: Cashier, reference: str) -> None:
        body, headers = cashier.webhook(reference)

        news = cashier.gateway.read_webhook(body, headers)
        again = cashier.gateway.read_webhook(body, headers)

        assert news.reference == reference
        assert news.amount == PRICE
        assert news.key == again.key

    def test_does_not_care_how_header_names_are_written(
        self, cashier: Cashier, reference: str
    ) -> None:
        body, headers = cashier.webhook(reference)
        shouted = {name.upper(): value for name, value in headers.items()}

        assert cashier.gateway.read_webhook(body, shouted).reference == reference

    def test_refuses_news_that_was_changed_on_the_way(
        self, cashier: Cashier, reference: str
    ) -> None:
        body, headers = cashier.webhook(reference)

        with pytest.raises(InvalidSignature):
            cashier.gateway.read_webhook(body + b" ", headers)

    @pytest.mark.parametrize("headers", [{}, {"x-chapa-signature": "é"}])
    def test_refuses_unsigned_news(self, cashier: Cashier, headers: dict[str, str]) -> None:
        with pytest.raises(InvalidSignature):
            cashier.gateway.read_webhook(b"{}", headers)

    @pytest.mark.parametrize("body", [b"", b"[]", b"not json", b"\xff", b"[" * 5000])
    def test_refuses_signed_nonsense(self, cashier: Cashier, body: bytes) -> None:
        with pytest.raises(MalformedWebhook):
            cashier.gateway.read_webhook(body, cashier.sign(body))
