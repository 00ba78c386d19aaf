import logging

import pytest
import structlog
from hypothesis import settings

from tests.servers import database_for, prepare_directory, redis_for, stop_servers

# The same examples every time: a failure is then the change's, never the day's.
settings.register_profile("nexus", derandomize=True, deadline=None, database=None)
settings.load_profile("nexus")
# Nobody reads what each request writes, but whoever configures it again.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        prepare_directory()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        stop_servers()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones, however the others were shuffled."""
    items.sort(key=lambda it: it.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> str:
    """A migrated database of this worker's own; tests/integration empties it between tests."""
    return database_for(worker_id)


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> str:
    """A logical database of this worker's own; tests/integration empties it between tests."""
    return redis_for(int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0)
