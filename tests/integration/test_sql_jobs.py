import pytest

from nexus.application.ports.work import StartWork
from tests.contracts.jobs import BatchesContract, JobsContract
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlJobs(InPostgres, JobsContract): ...


class TestSqlBatches(InPostgres, BatchesContract): ...
