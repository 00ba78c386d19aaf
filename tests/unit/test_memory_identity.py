import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.identity import (
    AddressesContract,
    OneTimeTokensContract,
    SessionsContract,
    UsersContract,
)


class Memory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryUsers(Memory, UsersContract): ...


class TestMemorySessions(Memory, SessionsContract): ...


class TestMemoryOneTimeTokens(Memory, OneTimeTokensContract): ...


class TestMemoryAddresses(Memory, AddressesContract): ...
