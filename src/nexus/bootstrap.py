"""The composition root: the only module that knows every adapter by name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from operator import eq

from dependency_injector import containers, providers
from redis import Redis
from sqlalchemy import Engine, text

from nexus.adapters.chapa import ChapaGateway
from nexus.adapters.checks import (
    check_database,
    check_gateway,
    check_media,
    check_migrations,
    check_redis,
    check_smtp,
)
from nexus.adapters.image_files import ImageFiles
from nexus.adapters.letters import Scribe
from nexus.adapters.passwords import Argon2Passwords, common_passwords
from nexus.adapters.rq_queue import RqQueue, job_queue, redis_client
from nexus.adapters.seals import HmacSeals
from nexus.adapters.smtp import SmtpMailer, SmtpServer
from nexus.adapters.sql.answers import SqlAnswers
from nexus.adapters.sql.bulk_load import LoadProducts
from nexus.adapters.sql.engine import sql_engine
from nexus.adapters.sql.migrations import upgrade
from nexus.adapters.sql.outbox import SqlOutbox
from nexus.adapters.sql.queries.catalog import SqlCatalogQueries
from nexus.adapters.sql.queries.identity import SqlIdentityQueries
from nexus.adapters.sql.queries.payments import SqlPaymentQueries
from nexus.adapters.sql.queries.shopping import SqlShoppingQueries
from nexus.adapters.sql.queries.stock import SqlStockQueries
from nexus.adapters.sql.work import sql_work
from nexus.adapters.tokens import HmacOrderTokens
from nexus.application.accounts import (
    EnsureAccount,
    IssueVerification,
    Register,
    RequestVerification,
    VerifyEmail,
)
from nexus.application.addresses import ChangeAddress, RemoveAddress, SaveAddress
from nexus.application.carts import (
    AddToCart,
    ApplyCoupon,
    ClaimGuestCart,
    ClearCart,
    RemoveFromCart,
    SetQuantity,
    TakeCouponOff,
)
from nexus.application.catalog.categories import ChangeCategory, CreateCategory, RemoveCategory
from nexus.application.catalog.images import AttachImage
from nexus.application.catalog.products import ChangeProduct, CreateProduct, RemoveProduct
from nexus.application.catalog.variants import AddVariant, ChangeVariant, RemoveVariant
from nexus.application.checkout import PlaceOrder
from nexus.application.coupons import ChangeCoupon, CreateCoupon, RemoveCoupon, ValidateCoupon
from nexus.application.idempotency import ForgetAnswers
from nexus.application.inventory import AdjustStock
from nexus.application.notifications import SendVerification, WriteToBuyer, WriteToCustomer
from nexus.application.orders import ExpireOrders
from nexus.application.outbox import ForgetDelivered, RelayEvents, RunReaction
from nexus.application.payments.close import CloseAttempt, SettleOrCancelAttempts, VoidPayment
from nexus.application.payments.reconcile import ReconcilePayments
from nexus.application.payments.settle import SettlePayment, VerifyPayment
from nexus.application.payments.start import PaymentPages, StartPayment
from nexus.application.payments.webhooks import HandleWebhook, ReceiveWebhook
from nexus.application.ports.gateways import Gateways
from nexus.application.pricing import Pricing, SealedQuotes, ShowCart
from nexus.application.reactions import REACTIONS
from nexus.application.sessions import LogIn, LogOut, LogOutEverywhere, RefreshSession
from nexus.application.users import ChangeProfile
from nexus.domain.pricing import ShippingMethod, TaxRule
from nexus.domain.shared import Money
from nexus.domain.users import PasswordRules, Preferences, Role
from nexus.entrypoints.http.accounts import accounts_blueprint
from nexus.entrypoints.http.addresses import addresses_blueprint
from nexus.entrypoints.http.app import http_app
from nexus.entrypoints.http.auth import identify, install_tokens
from nexus.entrypoints.http.carts import carts_blueprint
from nexus.entrypoints.http.categories import categories_blueprint
from nexus.entrypoints.http.coupons import coupons_blueprint
from nexus.entrypoints.http.health import health_blueprint
from nexus.entrypoints.http.media import media_blueprint
from nexus.entrypoints.http.orders import orders_blueprint
from nexus.entrypoints.http.payments import payments_blueprint
from nexus.entrypoints.http.products import products_blueprint
from nexus.entrypoints.http.sessions import sessions_blueprint
from nexus.entrypoints.http.stock import stock_blueprint
from nexus.entrypoints.http.users import users_blueprint
from nexus.entrypoints.http.variants import variants_blueprint
from nexus.entrypoints.seeds.filling import Filling
from nexus.settings import Settings

# dependency-injector's plain Singleton makes as many instances as there are threads racing for it.
Once = providers.ThreadSafeSingleton


def utc_now() -> datetime:
    return datetime.now(UTC)


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def pricing_of(settings: Settings) -> Pricing:
    """Read the shop's rules: one tax rate, a flat way to ship and one that is free above."""

    def money(text: str) -> Money:
        return Money.parse(text, settings.default_currency)

    free_from = money(settings.shipping_free_above)
    return Pricing(
        currency=settings.default_currency,
        tax=TaxRule(settings.tax_rate, inside=settings.prices_include_tax),
        shipping=(
            ShippingMethod("standard", "Standard delivery", money(settings.shipping_standard), 3),
            ShippingMethod(
                "economy", "Economy delivery", money(settings.shipping_economy), 7, free_from
            ),
        ),
        most_coupons=settings.coupon_max_per_cart,
    )


def payment_gateways(settings: Settings) -> Gateways:
    """Return the providers that are configured."""
    if not settings.chapa_secret_key:
        return {}
    chapa = ChapaGateway(
        base_url=settings.chapa_base_url,
        secret_key=settings.chapa_secret_key,
        webhook_secret=settings.chapa_webhook_secret,
        timeout_seconds=settings.gateway_timeout_seconds,
    )
    return {chapa.provider: chapa}


def database_answers(engine: Engine) -> None:
    with engine.connect() as db:
        db.execute(text("SELECT 1"))


def redis_answers(client: Redis) -> None:
    client.ping()


class Container(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)

    clock = providers.Object(utc_now)
    engine = Once(sql_engine, settings.provided.database_url, pool=settings.provided.database_pool)
    work = providers.Factory(sql_work, engine, settings.provided.order_number_format)
    migrate = providers.Callable(upgrade, settings.provided.database_url)
    load_products = Once(LoadProducts, engine, settings.provided.default_currency)
    outbox = Once(SqlOutbox, engine)
    answers = Once(SqlAnswers, engine)
    redis = Once(redis_client, settings.provided.redis_url, timeout=1.0)
    queue = Once(RqQueue, redis)
    # A worker waits on its connection for jobs, so that one is patient.
    job_queue = Once(job_queue, Once(redis_client, settings.provided.redis_url, timeout=30.0))
    smtp = Once(
        SmtpServer,
        host=settings.provided.smtp_host,
        port=settings.provided.smtp_port,
        user=settings.provided.smtp_user,
        password=settings.provided.smtp_password,
        tls=settings.provided.smtp_tls,
    )
    mailer = Once(
        SmtpMailer,
        smtp,
        Once(Scribe, shop=settings.provided.shop_name, home=settings.provided.public_url),
        sender=settings.provided.mail_from,
        now=clock,
    )
    order_tokens = Once(HmacOrderTokens, settings.provided.secret_key)
    identity_queries = Once(SqlIdentityQueries, engine)
    shopping_queries = Once(SqlShoppingQueries, engine)

    gateways = Once(payment_gateways, settings)
    settle_payment = Once(SettlePayment, start_work=work.provider, gateways=gateways, now=clock)
    verify_payment = Once(VerifyPayment, start_work=work.provider, settle=settle_payment)
    close_attempt = Once(
        CloseAttempt, start_work=work.provider, gateways=gateways, settle=settle_payment
    )
    settle_or_cancel_attempts = Once(
        SettleOrCancelAttempts, start_work=work.provider, close=close_attempt, now=clock
    )
    void_payment = Once(VoidPayment, start_work=work.provider, close=close_attempt, now=clock)
    start_payment = Once(
        StartPayment,
        start_work=work.provider,
        gateways=gateways,
        tokens=order_tokens,
        close=close_attempt,
        pages=Once(
            PaymentPages.of,
            settings.provided.shop_name,
            settings.provided.public_url,
            settings.provided.cors_origins,
        ),
        now=clock,
    )
    receive_webhook = Once(ReceiveWebhook, start_work=work.provider, gateways=gateways, now=clock)
    handle_webhook = Once(HandleWebhook, start_work=work.provider, settle=settle_payment, now=clock)
    reconcile_payments = Once(
        ReconcilePayments,
        start_work=work.provider,
        settle=settle_payment,
        close=close_attempt,
        now=clock,
    )

    issue_verification = Once(
        IssueVerification,
        start_work=work.provider,
        now=clock,
        lifetime=providers.Callable(hours, settings.provided.verify_token_hours),
    )
    write_to_customer = providers.Factory(
        WriteToCustomer,
        identity=identity_queries,
        mailer=mailer,
        link=settings.provided.public_url,
    )
    write_to_buyer = providers.Factory(
        WriteToBuyer,
        shopping=shopping_queries,
        tokens=order_tokens,
        mailer=mailer,
        public_url=settings.provided.public_url,
    )
    reactions = providers.Dict(
        handle_webhook=handle_webhook,
        send_verification=Once(
            SendVerification,
            identity=identity_queries,
            issue_verification=issue_verification,
            mailer=mailer,
            public_url=settings.provided.public_url,
        ),
        send_account_exists=providers.Factory(write_to_customer, kind="account_exists"),
        send_welcome=providers.Factory(write_to_customer, kind="welcome"),
        send_order_confirmation=providers.Factory(write_to_buyer, kind="order_confirmation"),
        send_payment_received=providers.Factory(write_to_buyer, kind="payment_received"),
        send_payment_failed=providers.Factory(write_to_buyer, kind="payment_failed"),
    )
    relay_events = Once(RelayEvents, outbox=outbox, queue=queue, reactions=REACTIONS, now=clock)
    run_reaction = Once(RunReaction, outbox=outbox, reactions=reactions, now=clock)
    forget_delivered = Once(ForgetDelivered, outbox=outbox, now=clock)
    forget_answers = Once(ForgetAnswers, answers=answers, now=clock)

    passwords = Once(Argon2Passwords)
    password_rules = Once(
        PasswordRules,
        least=settings.provided.password_min_length,
        common=providers.Callable(common_passwords),
    )
    session_lifetime = providers.Factory(timedelta, days=settings.provided.jwt_refresh_days)

    register_account = Once(
        Register,
        start_work=work.provider,
        passwords=passwords,
        rules=password_rules,
        now=clock,
        preferences=providers.Factory(Preferences, currency=settings.provided.default_currency),
    )
    ensure_admin = Once(
        EnsureAccount,
        start_work=work.provider,
        passwords=passwords,
        rules=password_rules,
        now=clock,
        role=Role.ADMIN,
    )
    ensure_customer = Once(
        EnsureAccount,
        start_work=work.provider,
        passwords=passwords,
        rules=password_rules,
        now=clock,
        role=Role.CUSTOMER,
    )
    request_verification = Once(RequestVerification, start_work=work.provider, now=clock)
    verify_email = Once(VerifyEmail, start_work=work.provider, now=clock)
    refresh_session = Once(
        RefreshSession, start_work=work.provider, now=clock, lifetime=session_lifetime
    )
    log_out = Once(LogOut, start_work=work.provider, now=clock)
    log_out_everywhere = Once(LogOutEverywhere, start_work=work.provider, now=clock)
    change_profile = Once(ChangeProfile, start_work=work.provider)
    save_address = Once(SaveAddress, start_work=work.provider, now=clock)
    change_address = Once(ChangeAddress, start_work=work.provider)
    remove_address = Once(RemoveAddress, start_work=work.provider)

    users = Once(users_blueprint, change_profile=change_profile, queries=identity_queries)
    addresses = Once(
        addresses_blueprint,
        save_address=save_address,
        change_address=change_address,
        remove_address=remove_address,
        queries=identity_queries,
    )
    caller = Once(identify, identity_queries, now=clock)

    pricing = Once(pricing_of, settings)
    quotes = Once(
        SealedQuotes,
        seals=Once(HmacSeals, settings.provided.secret_key),
        now=clock,
        lifetime=providers.Callable(minutes, settings.provided.quote_ttl_min),
    )
    show_cart = Once(ShowCart, queries=shopping_queries, pricing=pricing, quotes=quotes, now=clock)
    most = settings.provided.cart_max_qty
    add_to_cart = Once(
        AddToCart,
        start_work=work.provider,
        now=clock,
        currency=settings.provided.default_currency,
        most=most,
    )
    set_quantity = Once(SetQuantity, start_work=work.provider, now=clock, most=most)
    remove_from_cart = Once(RemoveFromCart, start_work=work.provider, now=clock)
    clear_cart = Once(ClearCart, start_work=work.provider, now=clock)
    apply_coupon = Once(ApplyCoupon, start_work=work.provider, now=clock, pricing=pricing)
    take_coupon_off = Once(TakeCouponOff, start_work=work.provider, now=clock)
    claim_guest_cart = Once(ClaimGuestCart, start_work=work.provider, now=clock, most=most)
    log_in = Once(
        LogIn,
        start_work=work.provider,
        passwords=passwords,
        now=clock,
        lifetime=session_lifetime,
        login_fields=settings.provided.auth_login_fields,
        only_verified=providers.Callable(eq, settings.provided.require_verified_for, "login"),
        claim_cart=claim_guest_cart,
    )
    create_coupon = Once(
        CreateCoupon,
        start_work=work.provider,
        now=clock,
        currency=settings.provided.default_currency,
    )
    change_coupon = Once(ChangeCoupon, start_work=work.provider)
    remove_coupon = Once(RemoveCoupon, start_work=work.provider)
    validate_coupon = Once(ValidateCoupon, start_work=work.provider, now=clock)
    place_order = Once(
        PlaceOrder,
        start_work=work.provider,
        now=clock,
        pricing=pricing,
        quotes=quotes,
        hold_for=providers.Callable(minutes, settings.provided.reservation_ttl_min),
        only_verified=providers.Callable(eq, settings.provided.require_verified_for, "checkout"),
    )

    accounts = Once(
        accounts_blueprint,
        register=register_account,
        request_verification=request_verification,
        verify_email=verify_email,
    )
    sessions = Once(
        sessions_blueprint,
        log_in=log_in,
        refresh_session=refresh_session,
        log_out=log_out,
        log_out_everywhere=log_out_everywhere,
        queries=identity_queries,
        now=clock,
    )
    expire_orders = Once(
        ExpireOrders, start_work=work.provider, now=clock, settle=settle_or_cancel_attempts
    )

    carts = Once(
        carts_blueprint,
        show_cart=show_cart,
        add_to_cart=add_to_cart,
        set_quantity=set_quantity,
        remove_from_cart=remove_from_cart,
        clear_cart=clear_cart,
        apply_coupon=apply_coupon,
        take_coupon_off=take_coupon_off,
        claim_guest_cart=claim_guest_cart,
        pricing=pricing,
        answers=answers,
        now=clock,
    )
    coupons = Once(
        coupons_blueprint,
        queries=shopping_queries,
        create_coupon=create_coupon,
        change_coupon=change_coupon,
        remove_coupon=remove_coupon,
        validate_coupon=validate_coupon,
        show_cart=show_cart,
        now=clock,
    )
    orders = Once(
        orders_blueprint,
        place_order=place_order,
        queries=shopping_queries,
        order_tokens=order_tokens,
        answers=answers,
        now=clock,
    )

    payments = Once(
        payments_blueprint,
        start_payment=start_payment,
        verify_payment=verify_payment,
        void_payment=void_payment,
        receive_webhook=receive_webhook,
        queries=Once(SqlPaymentQueries, engine),
        gateways=gateways,
        answers=answers,
        now=clock,
    )

    catalog_queries = Once(SqlCatalogQueries, engine)
    create_category = Once(CreateCategory, start_work=work.provider)
    change_category = Once(ChangeCategory, start_work=work.provider)
    remove_category = Once(RemoveCategory, start_work=work.provider)
    low_stock = settings.provided.low_stock_default
    create_product = Once(
        CreateProduct, start_work=work.provider, now=clock, low_stock_default=low_stock
    )
    change_product = Once(ChangeProduct, start_work=work.provider, now=clock)
    remove_product = Once(RemoveProduct, start_work=work.provider, now=clock)
    add_variant = Once(AddVariant, start_work=work.provider, now=clock, low_stock_default=low_stock)
    change_variant = Once(
        ChangeVariant, start_work=work.provider, now=clock, low_stock_default=low_stock
    )
    remove_variant = Once(RemoveVariant, start_work=work.provider, now=clock)
    attach_image = Once(
        AttachImage,
        start_work=work.provider,
        now=clock,
        store=Once(ImageFiles, settings.provided.media_root),
    )
    adjust_stock = Once(AdjustStock, start_work=work.provider, now=clock)

    categories = Once(
        categories_blueprint,
        create_category=create_category,
        change_category=change_category,
        remove_category=remove_category,
        queries=catalog_queries,
    )
    products = Once(
        products_blueprint,
        create_product=create_product,
        change_product=change_product,
        remove_product=remove_product,
        queries=catalog_queries,
    )
    variants = Once(
        variants_blueprint,
        add_variant=add_variant,
        change_variant=change_variant,
        remove_variant=remove_variant,
        queries=catalog_queries,
    )
    stock = Once(stock_blueprint, adjust_stock=adjust_stock, queries=Once(SqlStockQueries, engine))
    media = Once(media_blueprint, root=settings.provided.media_root)

    filling = Once(
        Filling,
        settings=settings,
        now=clock,
        ensure_admin=ensure_admin,
        ensure_customer=ensure_customer,
        save_address=save_address,
        create_category=create_category,
        create_product=create_product,
        attach_image=attach_image,
        create_coupon=create_coupon,
        validate_coupon=validate_coupon,
        catalog=catalog_queries,
        identity=identity_queries,
    )

    checks = providers.Dict(
        database=providers.Callable(check_database, engine).provider,
        migrations=providers.Callable(check_migrations, engine).provider,
        redis=providers.Callable(check_redis, redis).provider,
        smtp=providers.Callable(check_smtp, smtp).provider,
        gateway=providers.Callable(check_gateway, settings.provided.chapa_base_url).provider,
        media=providers.Callable(check_media, settings.provided.media_root).provider,
    )

    health = Once(
        health_blueprint,
        needed=providers.Dict(database=providers.Callable(database_answers, engine).provider),
        helpful=providers.Dict(
            cache=providers.Callable(redis_answers, redis).provider,
            queue=providers.Callable(redis_answers, redis).provider,
        ),
    )

    http = Once(
        http_app,
        settings,
        health,
        accounts,
        sessions,
        users,
        addresses,
        categories,
        products,
        variants,
        stock,
        media,
        carts,
        coupons,
        orders,
        payments,
        identify=caller,
        install=providers.List(providers.Callable(install_tokens, settings).provider),
    )


def read_container(environ: Mapping[str, str]) -> Container:
    """Return the container of a process; raise BadSettings."""
    return Container(settings=Settings.read(environ))


@contextmanager
def open_container(environ: Mapping[str, str]) -> Iterator[Container]:
    """Give the container of a command that ends, and close its connections then."""
    container = read_container(environ)
    try:
        yield container
    finally:
        container.engine().dispose()
        container.redis().close()
