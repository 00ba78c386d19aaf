import pytest
from redis import Redis
from sqlalchemy import Engine

from nexus.adapters.counters import RedisCounters
from nexus.adapters.rq_queue import redis_client
from nexus.adapters.sql.counters import SqlCounters
from nexus.application.ports.limits import CountersUnavailable
from nexus.bootstrap import Container
from tests.contracts.counters import MINUTE, CountersContract, KeptCountersContract


class TestSqlCounters(KeptCountersContract):
    @pytest.fixture
    def counters(self, container: Container) -> SqlCounters:
        engine: Engine = container.engine()
        return SqlCounters(engine)


class TestRedisCounters(CountersContract):
    @pytest.fixture
    def counters(self, redis_url: str) -> RedisCounters:
        return RedisCounters(redis_client(redis_url, timeout=1))

    def test_are_forgotten_by_themselves(self, counters: RedisCounters, redis_url: str) -> None:
        counters.add([MINUTE], 1)

        with Redis.from_url(redis_url) as client:
            assert [client.ttl(key) for key in client.scan_iter()] == [60]

    def test_let_a_server_rest_that_did_not_answer(self) -> None:
        counters = RedisCounters(redis_client("redis://127.0.0.1:1/0", timeout=0.2), rest=60)

        for _ in range(2):
            with pytest.raises(CountersUnavailable):
                counters.add([MINUTE], 1)
