"""Opening a checkout: what is intended is written down before the provider hears of it."""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from nexus.application.payments.close import CloseAttempt
from nexus.application.payments.settle import cancel_open
from nexus.application.ports.gateways import (
    Gateways,
    GatewayUnavailable,
    PaymentDeclined,
    PaymentGateway,
    PaymentRequest,
    StartedPayment,
)
from nexus.application.ports.security import OrderTokens
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.orders import Order, OrderNotFound
from nexus.domain.payments import Payment, PaymentState, PaymentSuperseded
from nexus.domain.shared import invalid


@dataclass(frozen=True, slots=True)
class Payer:
    """Who wants to pay: a customer, or whoever holds the order's token."""

    customer_id: UUID | None = None
    order_token: str | None = None


@dataclass(frozen=True)
class PaymentPages:
    """What the customer reads at the provider's, and where the way back leads."""

    shop_name: str
    callback_url: str
    return_url: str
    origins: frozenset[str]
    """Only these may a customer be sent back to, or we would lend our name to anybody's link."""

    @classmethod
    def of(cls, shop_name: str, public_url: str, others: tuple[str, ...]) -> "PaymentPages":
        verify = f"{public_url}/api/v1/payments/verify"
        origins = frozenset(filter(None, map(origin, (public_url, *others))))
        return cls(shop_name, verify, verify, origins)

    def require_ours(self, url: str) -> None:
        if origin(url) not in self.origins:
            raise invalid("return_url", "Must lead to this shop.")

    def request(self, order: Order, payment: Payment, return_url: str | None) -> PaymentRequest:
        address = order.delivery.billing_address
        return PaymentRequest(
            reference=payment.reference,
            amount=payment.amount,
            email=order.email,
            title=self.shop_name,
            description=f"Order {order.number}",
            callback_url=self.callback_url,
            return_url=return_url or f"{self.return_url}/{payment.id}",
            first_name=address.first_name,
            last_name=address.last_name,
            phone=address.phone,
        )


def origin(url: str) -> str | None:
    """Return `scheme://host:port`, or None for what a browser might read differently."""
    if not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or "@" in parts.netloc:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"


@dataclass(frozen=True)
class StartPayment:
    """Open a checkout for an order, in place of every attempt before it."""

    start_work: StartWork
    gateways: Gateways
    tokens: OrderTokens
    close: CloseAttempt
    pages: PaymentPages
    now: Clock

    def __call__(
        self,
        *,
        order_id: UUID,
        payer: Payer,
        provider: str | None = None,
        return_url: str | None = None,
    ) -> UUID:
        order, payment, earlier = self._intend(order_id, payer, provider, return_url)
        gateway = self.gateways[payment.provider]
        self._close(order_id, earlier)
        started = self._begin(gateway, self.pages.request(order, payment, return_url), payment)
        self._note(payment, started)
        return payment.id

    def _gateway(self, provider: str | None) -> PaymentGateway:
        """Return the one that is named, or the first that there is."""
        wanted = next(iter(self.gateways), None) if provider is None else provider
        if wanted is None or wanted not in self.gateways:
            raise invalid("provider", "Payments are not taken this way.")
        return self.gateways[wanted]

    def _intend(
        self, order_id: UUID, payer: Payer, provider: str | None, return_url: str | None
    ) -> tuple[Order, Payment, list[UUID]]:
        at = self.now()
        with self.start_work() as work:
            order = work.orders.lock(order_id)
            if not self._may_pay(order, payer):
                raise OrderNotFound(order_id)
            gateway = self._gateway(provider)
            if return_url is not None:
                self.pages.require_ours(return_url)
            order.require_payable(at=at)
            if order.currency not in gateway.currencies:
                raise invalid("provider", f"{order.currency} is not taken this way.")
            earlier = cancel_open(work, order_id, at)
            payment = Payment.start(
                order_id, gateway.provider, order.total, at=at, until=order.expires_at
            )
            work.payments.add(payment)
            order.payment_started(at)
            work.orders.save(order)
            return order, payment, earlier

    def _may_pay(self, order: Order, payer: Payer) -> bool:
        if payer.customer_id is not None and order.customer_id == payer.customer_id:
            return True
        return bool(payer.order_token) and self.tokens.opens(order.id, payer.order_token or "")

    def _close(self, order_id: UUID, earlier: list[UUID]) -> None:
        """Close what was open before; one of them may have been paid a moment ago."""
        for payment_id in earlier:
            with suppress(GatewayUnavailable):
                self.close(payment_id=payment_id)
        if earlier:
            with self.start_work() as work:
                work.orders.lock(order_id).require_payable(at=self.now())

    def _begin(
        self, gateway: PaymentGateway, request: PaymentRequest, payment: Payment
    ) -> StartedPayment:
        """Ask the provider. Its silence leaves the payment pending: it may have heard us."""
        try:
            return gateway.start(request)
        except PaymentDeclined as refusal:
            self._refused(payment, refusal.reason)
            raise

    def _refused(self, seen: Payment, reason: str) -> None:
        at = self.now()
        with self.start_work() as work:
            order = work.orders.lock(seen.order_id)
            payment = work.payments.lock(seen.id)
            if payment.status is PaymentState.PENDING:
                payment.refused(reason, at=at)
                work.payments.save(payment)
                order.payment_failed(at)
                work.orders.save(order)

    def _note(self, seen: Payment, started: StartedPayment) -> None:
        """Note where to pay; what was given up while the provider opened it is closed there."""
        try:
            with self.start_work() as work:
                payment = work.payments.lock(seen.id)
                payment.opened(started.checkout_url)
                work.payments.save(payment)
                work.conclude(payment.id)
        except PaymentSuperseded:
            with suppress(GatewayUnavailable):
                self.close(payment_id=seen.id)
            raise
