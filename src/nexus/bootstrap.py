"""The composition root: the only module that knows every adapter by name."""

from datetime import UTC, datetime

from dependency_injector import containers, providers
from sqlalchemy import Engine, text

from nexus.adapters.sql.engine import sql_engine
from nexus.adapters.sql.work import sql_work
from nexus.entrypoints.http.app import http_app
from nexus.entrypoints.http.health import health_blueprint
from nexus.settings import Settings

# dependency-injector's plain Singleton makes as many instances as there are threads racing for it.
Once = providers.ThreadSafeSingleton


def utc_now() -> datetime:
    return datetime.now(UTC)


def database_answers(engine: Engine) -> None:
    with engine.connect() as db:
        db.execute(text("SELECT 1"))


class Container(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)

    clock = providers.Object(utc_now)
    engine = Once(sql_engine, settings.provided.database_url, pool=settings.provided.database_pool)
    work = providers.Factory(sql_work, engine, settings.provided.order_number_format)

    health = Once(
        health_blueprint,
        checks=providers.Dict(database=providers.Callable(database_answers, engine).provider),
    )

    http = Once(http_app, settings, health, identify=providers.Object(lambda: None))
