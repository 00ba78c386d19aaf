from uuid import UUID

import pytest

from nexus.adapters.memory.recommendations import MemoryViews
from nexus.adapters.memory.store import MemoryStore
from nexus.domain.shared import new_id
from tests.contracts.recommendations import Seen, ViewsContract


class TestMemoryViews(ViewsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def hana(self) -> UUID:
        return new_id()

    @pytest.fixture
    def seen(self, store: MemoryStore) -> Seen:
        def seen(user_id: UUID) -> list[UUID]:
            with store() as work:
                assert isinstance(work.views, MemoryViews)
                return work.views.products_of(user_id)

        return seen
