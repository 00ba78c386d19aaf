from collections.abc import Iterator

import psycopg
import pytest
from dependency_injector import providers
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from nexus.adapters.memory.system import MemoryMailer
from nexus.application.ports.ready import GOODS, STOCK
from nexus.bootstrap import Container, close, read_container
from tests.integration.shop import Shop
from tests.people import CHEAP
from tests.servers import empty, forget


@pytest.fixture(autouse=True)
def leave_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty what the test may have filled; one that asks for no server pays nothing."""
    emptying = {"database_url": empty, "redis_url": forget}
    asked = [] if "laid_out" in request.fixturenames else request.fixturenames
    used = [(emptying[name], request.getfixturevalue(name)) for name in emptying if name in asked]
    yield
    for forget_all, url in used:
        forget_all(url)


@pytest.fixture(scope="session")
def container(database_url: str, redis_url: str) -> Iterator[Container]:
    """The shop as it runs, but for the price of a password, and its mails kept to be read."""
    where = {"NEXUS_ENV": "test", "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    container = read_container(where | {"RATE_LIMITS": "off"})
    container.passwords.override(providers.Object(CHEAP))
    container.mailer.override(providers.Object(MemoryMailer()))
    yield container
    close(container)


@pytest.fixture(autouse=True)
def forget_what_lay_ready(request: pytest.FixtureRequest) -> None:
    """What the test before this one wrote was swept away without a word to the application."""
    if "container" in request.fixturenames:
        container: Container = request.getfixturevalue("container")
        container.editions().renew((GOODS, STOCK))


@pytest.fixture
def http(container: Container) -> FlaskClient:
    return container.http().test_client()


@pytest.fixture(scope="session")
def the_shop(database_url: str) -> Iterator[Shop]:
    shop = Shop(database_url)
    yield shop
    shop.close()


@pytest.fixture
def shop(the_shop: Shop, database_url: str) -> Shop:
    """A shop without goods or customers; the application is put together once for all tests."""
    return the_shop


@pytest.fixture(scope="module")
def laid_out(the_shop: Shop, database_url: str) -> Iterator[Shop]:
    """A shop that a module's tests only look at: it stays as the fixtures have filled it."""
    yield the_shop
    empty(database_url)


@pytest.fixture
def empty_database(database_url: str) -> Iterator[str]:
    """A database of its own beside the worker's, where the schema may go up and down."""
    url = make_url(database_url)
    name = f"walk_{url.database}"
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}"')
        db.execute(f'CREATE DATABASE "{name}"')
    yield url.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as db:
        db.execute(f'DROP DATABASE "{name}"')
