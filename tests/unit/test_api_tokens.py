from dataclasses import replace
from datetime import timedelta

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.api_tokens import CreateApiToken, RevokeApiToken
from nexus.domain.api_tokens import ApiTokenCreated, ApiTokenNotFound, ApiTokenRevoked, held_by
from nexus.domain.one_time_tokens import digest
from nexus.domain.shared import ValidationFailed, new_id
from nexus.domain.users import PERMISSIONS, Role, User
from tests.people import NOON, user

CATALOG = frozenset({"catalog.write"})


@pytest.fixture
def clerk(store: MemoryStore) -> User:
    clerk = replace(user(), role=Role.STAFF, permissions=CATALOG | {"orders.write"})
    with store() as work:
        work.users.add(clerk)
    return clerk


@pytest.fixture
def create(store: MemoryStore) -> CreateApiToken:
    return CreateApiToken(store, lambda: NOON)


class TestCreateApiToken:
    def test_shows_the_secret_and_keeps_its_hash(
        self, store: MemoryStore, create: CreateApiToken, clerk: User
    ) -> None:
        made = create(owner=clerk.id, name="Import", permissions=CATALOG)

        with store() as work:
            kept = work.api_tokens.lock(made.id, owner=clerk.id)
        assert made.token.startswith("nxs_")
        assert kept.token_hash == digest(made.token)
        assert made.token.startswith(kept.prefix)
        assert len(kept.prefix) == 10
        assert kept.token_hash not in repr(kept)
        assert store.events == [ApiTokenCreated(made.id, clerk.id)]

    def test_gives_no_more_than_its_owner_has(self, create: CreateApiToken, clerk: User) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            create(owner=clerk.id, name="Import", permissions=CATALOG | {"users.write"})

        assert refusal.value.errors == {"permissions": ["You do not have: users.write."]}

    def test_does_not_end_before_it_begins(self, create: CreateApiToken, clerk: User) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            create(owner=clerk.id, name="Import", expires_at=NOON)

        assert list(refusal.value.errors) == ["expires_at"]


class TestRevokeApiToken:
    def test_happens_once(self, store: MemoryStore, create: CreateApiToken, clerk: User) -> None:
        made = create(owner=clerk.id, name="Import", expires_at=NOON + timedelta(days=1))
        revoke = RevokeApiToken(store, lambda: NOON)

        revoke(token_id=made.id, owner=clerk.id)

        with pytest.raises(ApiTokenNotFound):
            revoke(token_id=made.id, owner=clerk.id)
        assert store.events[-1] == ApiTokenRevoked(made.id, clerk.id)

    def test_knows_nothing_of_anothers(
        self, store: MemoryStore, create: CreateApiToken, clerk: User
    ) -> None:
        made = create(owner=clerk.id, name="Import")

        with pytest.raises(ApiTokenNotFound):
            RevokeApiToken(store, lambda: NOON)(token_id=made.id, owner=new_id())


@pytest.mark.parametrize(
    ("role", "held"), [("customer", frozenset()), ("staff", CATALOG), ("admin", PERMISSIONS)]
)
def test_what_a_role_holds(role: str, held: frozenset[str]) -> None:
    assert held_by(role, CATALOG) == held
