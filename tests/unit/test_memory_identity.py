import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.identity import (
    AddressesContract,
    OneTimeTokensContract,
    UsersContract,
)


class Memory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryUsers(Memory, UsersContract): ...


class TestMemoryOneTimeTokens(Memory, OneTimeTokensContract): ...


class TestMemoryAddresses(Memory, AddressesContract): ...
