import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.contracts.images import ImagesContract


class TestMemoryImages(ImagesContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
