from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from nexus.adapters.memory.store import MemoryStore
from nexus.domain.users import User
from tests.people import user


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def hana(store: MemoryStore) -> User:
    hana = user()
    with store() as work:
        work.users.add(hana)
    return hana
