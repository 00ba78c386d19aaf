import pytest

from nexus.application.ports.work import StartWork
from tests.contracts.collections import CollectionsContract
from tests.integration.shop import Shop


class TestSqlCollections(CollectionsContract):
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work
