import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.collections import CollectionsContract


class TestMemoryCollections(CollectionsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
