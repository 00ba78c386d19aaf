from concurrent.futures import ThreadPoolExecutor

import pytest

from nexus.application.addresses import SaveAddress
from nexus.application.ports.work import StartWork
from nexus.bootstrap import Container
from nexus.domain.addresses import Kind
from nexus.domain.users import User
from tests.contracts.identity import (
    AddressesContract,
    OneTimeTokensContract,
    UsersContract,
)
from tests.people import HOME, NOON


class Sql:
    @pytest.fixture
    def store(self, container: Container) -> StartWork:
        return container.work


class TestSqlUsers(Sql, UsersContract): ...


class TestSqlOneTimeTokens(Sql, OneTimeTokensContract): ...


class TestSqlAddresses(Sql, AddressesContract):
    def test_has_one_default_however_many_are_set_at_once(
        self, container: Container, hana: User
    ) -> None:
        save = SaveAddress(container.work, now=lambda: NOON)
        with ThreadPoolExecutor(6) as pool:
            for _ in range(6):
                pool.submit(
                    save, customer_id=hana.id, kind=Kind.SHIPPING, address=HOME, is_default=True
                )

        book = container.identity_queries().addresses_of(hana.id)
        assert sorted(it.is_default for it in book) == [False] * 5 + [True]
