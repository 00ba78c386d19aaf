"""The composition root: the container that knows every adapter, and nothing else does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from dependency_injector import providers
from redis import Redis
from sqlalchemy import Engine, text

from nexus.adapters.checks import (
    check_database,
    check_gateway,
    check_migrations,
    check_redis,
    check_smtp,
)
from nexus.entrypoints.http.app import http_app
from nexus.entrypoints.http.auth import install_tokens
from nexus.entrypoints.http.health import health_blueprint
from nexus.entrypoints.http.limits import counted_reads, install_limits
from nexus.entrypoints.http.ready import Ready, freshness_of
from nexus.entrypoints.seeds.filling import Filling
from nexus.entrypoints.seeds.showcase import Showing
from nexus.settings import Settings
from nexus.wiring.reactions import Reactions
from nexus.wiring.technology import Once


def database_answers(engine: Engine) -> None:
    with engine.connect() as db:
        db.execute(text("SELECT 1"))


def redis_answers(client: Redis) -> None:
    client.ping()


class Container(Reactions):
    filling = Once(
        Filling,
        settings=Reactions.settings,
        now=Reactions.clock,
        ensure_customer=Reactions.ensure_customer,
        save_address=Reactions.save_address,
        create_category=Reactions.create_category,
        create_product=Reactions.create_product,
        attach_image=Reactions.attach_image,
        create_coupon=Reactions.create_coupon,
        validate_coupon=Reactions.validate_coupon,
        catalog=Reactions.catalog_queries,
        identity=Reactions.identity_queries,
        showing=Once(
            Showing,
            currency=Reactions.settings.provided.default_currency,
            create_collection=Reactions.create_collection,
            choose_products=Reactions.choose_products,
            write_review=Reactions.write_review,
            catalog=Reactions.catalog_queries,
        ),
    )
    checks = providers.Dict(
        database=providers.Callable(check_database, Reactions.engine).provider,
        migrations=providers.Callable(check_migrations, Reactions.engine).provider,
        redis=providers.Callable(check_redis, Reactions.redis).provider,
        smtp=providers.Callable(check_smtp, Reactions.smtp).provider,
        gateway=providers.Callable(
            check_gateway, Reactions.settings.provided.chapa_base_url
        ).provider,
        media=Reactions.image_store.provided.check,
    )
    health = Once(
        health_blueprint,
        needed=providers.Dict(
            database=providers.Callable(database_answers, Reactions.engine).provider
        ),
        helpful=providers.Dict(
            cache=providers.Callable(redis_answers, Reactions.redis).provider,
            queue=providers.Callable(redis_answers, Reactions.redis).provider,
        ),
    )
    http = Once(
        http_app,
        Reactions.settings,
        health,
        Reactions.accounts,
        Reactions.emails,
        Reactions.password_routes,
        Reactions.sessions,
        Reactions.factors,
        Reactions.api_tokens,
        Reactions.users,
        Reactions.staff_users,
        Reactions.addresses,
        Reactions.categories,
        Reactions.discovery,
        Reactions.products,
        Reactions.variants,
        Reactions.prices,
        Reactions.bulk,
        Reactions.locations,
        Reactions.stock,
        Reactions.images,
        Reactions.collections,
        Reactions.recommendations,
        Reactions.catalog_files,
        Reactions.jobs,
        Reactions.media,
        Reactions.carts,
        Reactions.coupons,
        Reactions.orders,
        Reactions.payments,
        Reactions.reviews,
        Reactions.wishlists,
        Reactions.stock_alerts,
        Reactions.audit,
        identify=Reactions.caller,
        ready=Once(
            Ready,
            answers=Reactions.ready_answers,
            editions=Reactions.editions,
            freshness=providers.Callable(
                freshness_of,
                products=Reactions.settings.provided.cache_products_seconds,
                categories=Reactions.settings.provided.cache_categories_seconds,
            ),
        ),
        count_reads=providers.Callable(counted_reads, Reactions.count_roughly),
        install=providers.List(
            providers.Callable(install_tokens, Reactions.settings).provider,
            providers.Callable(
                install_limits,
                Reactions.count_attempt,
                Reactions.count_roughly,
                Reactions.give_back,
            ).provider,
        ),
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
        close(container)


def close(container: Container) -> None:
    """Let go of every connection."""
    container.engine().dispose()
    container.reader().dispose()
    container.redis().close()
