import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.jobs import BatchesContract, JobsContract


class InMemory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryJobs(InMemory, JobsContract): ...


class TestMemoryBatches(InMemory, BatchesContract): ...
