import pytest

from nexus.application.ports.work import StartWork
from tests.contracts.images import ImagesContract
from tests.integration.shop import Shop


class TestSqlImages(ImagesContract):
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work
