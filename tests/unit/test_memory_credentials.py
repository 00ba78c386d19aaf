import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.credentials import ApiTokensContract, SessionsContract, TotpFactorsContract


class Memory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemorySessions(Memory, SessionsContract): ...


class TestMemoryTotpFactors(Memory, TotpFactorsContract): ...


class TestMemoryApiTokens(Memory, ApiTokensContract): ...
