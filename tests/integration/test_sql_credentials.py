import pytest

from nexus.application.ports.work import StartWork
from nexus.bootstrap import Container
from tests.contracts.credentials import ApiTokensContract, SessionsContract, TotpFactorsContract


class Sql:
    @pytest.fixture
    def store(self, container: Container) -> StartWork:
        return container.work


class TestSqlSessions(Sql, SessionsContract): ...


class TestSqlTotpFactors(Sql, TotpFactorsContract): ...


class TestSqlApiTokens(Sql, ApiTokensContract): ...
