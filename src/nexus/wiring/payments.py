"""Taking money, and what becomes of orders that nobody pays."""

from nexus.adapters.chapa import ChapaGateway
from nexus.adapters.sql.queries.payments import SqlPaymentQueries
from nexus.application.orders import ExpireOrders
from nexus.application.payments.close import CloseAttempt, SettleOrCancelAttempts, VoidPayment
from nexus.application.payments.reconcile import ReconcilePayments
from nexus.application.payments.settle import SettlePayment, VerifyPayment
from nexus.application.payments.start import PaymentPages, StartPayment
from nexus.application.payments.webhooks import HandleWebhook, ReceiveWebhook
from nexus.application.ports.gateways import Gateways
from nexus.entrypoints.http.payments import payments_blueprint
from nexus.settings import Settings
from nexus.wiring.shopping import Shopping
from nexus.wiring.technology import Once


def payment_gateways(settings: Settings) -> Gateways:
    """Return the providers that are configured."""
    if not settings.chapa_secret_key:
        return {}
    chapa = ChapaGateway(
        base_url=settings.chapa_base_url,
        secret_key=settings.chapa_secret_key,
        webhook_secret=settings.chapa_webhook_secret,
        timeout_seconds=settings.gateway_timeout_seconds,
        most_calls=max(1, settings.web_threads // 2),
    )
    return {chapa.provider: chapa}


class Payments(Shopping):
    gateways = Once(payment_gateways, Shopping.settings)
    settle_payment = Once(
        SettlePayment,
        start_work=Shopping.work.provider,
        gateways=gateways,
        now=Shopping.clock,
    )
    verify_payment = Once(VerifyPayment, start_work=Shopping.work.provider, settle=settle_payment)
    close_attempt = Once(
        CloseAttempt,
        start_work=Shopping.work.provider,
        gateways=gateways,
        settle=settle_payment,
    )
    settle_or_cancel_attempts = Once(
        SettleOrCancelAttempts,
        start_work=Shopping.work.provider,
        close=close_attempt,
        now=Shopping.clock,
    )
    expire_orders = Once(
        ExpireOrders,
        start_work=Shopping.work.provider,
        now=Shopping.clock,
        settle=settle_or_cancel_attempts,
    )
    void_payment = Once(
        VoidPayment,
        start_work=Shopping.work.provider,
        close=close_attempt,
        now=Shopping.clock,
    )
    start_payment = Once(
        StartPayment,
        start_work=Shopping.work.provider,
        gateways=gateways,
        tokens=Shopping.order_tokens,
        close=close_attempt,
        pages=Once(
            PaymentPages.of,
            Shopping.settings.provided.shop_name,
            Shopping.settings.provided.public_url,
            Shopping.settings.provided.cors_origins,
        ),
        now=Shopping.clock,
    )
    receive_webhook = Once(
        ReceiveWebhook,
        start_work=Shopping.work.provider,
        gateways=gateways,
        now=Shopping.clock,
    )
    handle_webhook = Once(
        HandleWebhook,
        start_work=Shopping.work.provider,
        settle=settle_payment,
        now=Shopping.clock,
    )
    reconcile_payments = Once(
        ReconcilePayments,
        start_work=Shopping.work.provider,
        settle=settle_payment,
        close=close_attempt,
        now=Shopping.clock,
    )
    payments = Once(
        payments_blueprint,
        start_payment=start_payment,
        verify_payment=verify_payment,
        void_payment=void_payment,
        receive_webhook=receive_webhook,
        queries=Once(SqlPaymentQueries, Shopping.reader),
        gateways=gateways,
        answers=Shopping.answers,
        now=Shopping.clock,
    )
