"""What everything stands on: settings, time, PostgreSQL, Redis, SMTP."""

from datetime import UTC, datetime

from dependency_injector import containers, providers

from nexus.adapters.counters import RedisCounters, RoughCounters, SteadyCounters
from nexus.adapters.editions import RedisEditions
from nexus.adapters.image_files import ImageFiles
from nexus.adapters.letters import Scribe
from nexus.adapters.ready_answers import LayeredAnswers
from nexus.adapters.rq_queue import RqQueue, job_queue, redis_client
from nexus.adapters.seals import HmacSeals
from nexus.adapters.smtp import SmtpMailer, SmtpServer
from nexus.adapters.sql.answers import SqlAnswers
from nexus.adapters.sql.books import SqlBooks
from nexus.adapters.sql.bulk_load import LoadProducts
from nexus.adapters.sql.changes import watch
from nexus.adapters.sql.counters import SqlCounters
from nexus.adapters.sql.engine import reading_engine, sql_engine
from nexus.adapters.sql.migrations import upgrade
from nexus.adapters.sql.outbox import SqlOutbox
from nexus.adapters.sql.work import sql_work
from nexus.adapters.tokens import HmacOrderTokens
from nexus.application.audit import audited
from nexus.application.limits import CountAttempt, ForgetCounts, GiveBack
from nexus.application.ports.images import ImageStore
from nexus.entrypoints.http.actors import acting
from nexus.entrypoints.http.idempotency import attempt_in_hand
from nexus.entrypoints.http.media import MEDIA, media_blueprint
from nexus.settings import Settings

# dependency-injector's plain Singleton makes as many instances as there are threads racing for it.
Once = providers.ThreadSafeSingleton


def utc_now() -> datetime:
    return datetime.now(UTC)


def image_store_of(settings: Settings) -> ImageStore:
    if not settings.s3_bucket:
        return ImageFiles(settings.media_root)
    # The library is an extra, which a shop does without that keeps its pictures itself.
    from nexus.adapters.s3_images import S3Images, s3_client

    client = s3_client(
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        key_id=settings.s3_access_key_id,
        secret=settings.s3_secret_access_key,
    )
    return S3Images(client, settings.s3_bucket)


def media_url_of(settings: Settings) -> str:
    """Return what the paths of pictures lie below, for whoever fetches them."""
    return f"{settings.s3_public_url}/" if settings.s3_bucket else MEDIA


class Technology(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)
    clock = providers.Object(utc_now)
    engine = Once(
        watch,
        Once(sql_engine, settings.provided.database_url, pool=settings.provided.database_pool),
    )
    reader = Once(
        reading_engine, settings.provided.database_url, pool=settings.provided.database_pool
    )
    who = providers.Object(acting)
    in_hand = providers.Object(attempt_in_hand)
    # Whoever waits for what is only faster than the database waits in vain.
    ready_redis = Once(redis_client, settings.provided.redis_url, timeout=0.2)
    editions = Once(RedisEditions, ready_redis)
    ready_answers = Once(LayeredAnswers, ready_redis, room=settings.provided.cache_bytes)
    plain_work = providers.Factory(
        sql_work,
        engine,
        settings.provided.order_number_format,
        who,
        in_hand,
        announce=editions.provided.renew,
    )
    work = providers.Factory(audited, plain_work.provider, who)
    migrate = providers.Callable(upgrade, settings.provided.database_url)
    load_products = Once(
        LoadProducts, engine, settings.provided.default_currency, editions.provided.renew
    )
    books = Once(SqlBooks, engine)
    outbox = Once(SqlOutbox, engine)
    answers = Once(SqlAnswers, engine)
    redis = Once(redis_client, settings.provided.redis_url, timeout=1.0)
    queue = Once(RqQueue, redis)
    # A worker waits on its connection for jobs, so that one is patient.
    job_queue = Once(job_queue, Once(redis_client, settings.provided.redis_url, timeout=30.0))
    # Whoever waits for a limiter waits in vain, so this connection is not patient at all.
    redis_counters = Once(
        RedisCounters, Once(redis_client, settings.provided.redis_url, timeout=0.2)
    )
    sql_counters = Once(SqlCounters, engine)
    counters = Once(SteadyCounters, redis_counters, sql_counters)
    count_attempt = Once(
        CountAttempt, counters=counters, now=clock, is_on=settings.provided.rate_limits
    )
    count_roughly = Once(
        CountAttempt,
        counters=Once(RoughCounters, redis_counters),
        now=clock,
        is_on=settings.provided.rate_limits,
    )
    give_back = Once(GiveBack, counters=counters)
    forget_counts = Once(ForgetCounts, counters=sql_counters, now=clock)
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
    seals = Once(HmacSeals, settings.provided.secret_key)
    image_store = Once(image_store_of, settings)
    media_url = providers.Callable(media_url_of, settings)
    media = Once(media_blueprint, root=settings.provided.media_root)
