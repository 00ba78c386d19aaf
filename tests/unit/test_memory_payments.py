import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.payments import PaymentsContract


class TestMemoryPayments(PaymentsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
