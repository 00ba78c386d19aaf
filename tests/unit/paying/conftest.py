import pytest

from nexus.adapters.memory.store import MemoryStore
from tests.till import Till


@pytest.fixture
def till(store: MemoryStore) -> Till:
    till = Till(store)
    till.stock_mugs(3)
    return till
