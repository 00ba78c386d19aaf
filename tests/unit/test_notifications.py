from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.adapters.memory.system import MemoryMailer
from nexus.adapters.tokens import HmacOrderTokens
from nexus.application.accounts import IssueVerification, VerifyEmail
from nexus.application.notifications import SendVerification, WriteToBuyer, WriteToCustomer
from nexus.application.ports.identity import Account, IdentityQueries
from nexus.application.ports.shopping import OrderDetails, ShoppingQueries
from nexus.application.ports.system import OwedReaction, StoredEvent
from nexus.domain.orders import OrderNotFound
from nexus.domain.shared import new_id
from nexus.domain.users import Preferences, User
from tests.letters import ORDER
from tests.people import user

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOKENS = HmacOrderTokens("a key of the shop")


def owed(**ids: UUID) -> OwedReaction:
    data = {name: str(id_) for name, id_ in ids.items()}
    return OwedReaction(new_id(), "a reaction", StoredEvent(new_id(), "an event", NOON, data), 1)


@dataclass
class AccountsOf:
    """Answers for the users of a store, in Amharic."""

    start_work: MemoryStore

    def account(self, user_id: UUID) -> Account:
        with self.start_work() as work:
            it = work.users.by_id(user_id)
        return Account(
            id=it.id,
            email=it.email,
            username=None,
            first_name=it.profile.first_name,
            last_name=it.profile.last_name,
            phone=None,
            is_verified=it.is_verified,
            role=it.role,
            created_at=it.created_at,
            preferences=Preferences("am", "ETB", marketing_opt_in=False),
        )


@dataclass
class OneOrder:
    kept: OrderDetails

    def order(self, order_id: UUID) -> OrderDetails | None:
        return self.kept if order_id == self.kept.id else None


@pytest.fixture
def mailer() -> MemoryMailer:
    return MemoryMailer()


class TestSendVerification:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def owner(self, store: MemoryStore) -> User:
        owner = user()
        with store() as work:
            work.users.add(owner)
        return owner

    @pytest.fixture
    def send(self, store: MemoryStore, mailer: MemoryMailer) -> SendVerification:
        lifetime = NOON - datetime(2025, 12, 31, tzinfo=UTC)
        return SendVerification(
            cast(IdentityQueries, AccountsOf(store)),
            IssueVerification(store, lambda: NOON, lifetime),
            mailer,
            "https://nexus.test",
        )

    def test_sends_a_link_that_verifies(
        self, send: SendVerification, store: MemoryStore, owner: User, mailer: MemoryMailer
    ) -> None:
        reaction = owed(user_id=owner.id)

        send(owed=reaction)

        (letter,) = mailer.letters
        assert (letter.id, letter.kind, letter.locale) == (reaction.id, "verification", "am")
        assert letter.to == owner.email
        address, _, token = letter.facts["link"].partition("?token=")
        assert address == "https://nexus.test/verify-email"
        VerifyEmail(store, lambda: NOON)(token=token)

    def test_sends_nothing_to_whoever_has_verified_meanwhile(
        self, send: SendVerification, store: MemoryStore, owner: User, mailer: MemoryMailer
    ) -> None:
        with store() as work:
            proved = work.users.by_id(owner.id)
            proved.verify(at=NOON)
            work.users.save(proved)

        send(owed=owed(user_id=owner.id))

        assert not mailer.letters

    def test_writes_to_customers_in_their_language(
        self, store: MemoryStore, owner: User, mailer: MemoryMailer
    ) -> None:
        queries = cast(IdentityQueries, AccountsOf(store))
        welcome = WriteToCustomer(queries, mailer, "welcome", "https://nexus.test")

        welcome(owed=owed(user_id=owner.id))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to, letter.locale) == ("welcome", owner.email, "am")
        assert letter.facts == {"name": "Hana", "link": "https://nexus.test"}


class TestWriteToBuyer:
    def write(self, order: OrderDetails, mailer: MemoryMailer) -> WriteToBuyer:
        queries = cast(ShoppingQueries, OneOrder(order))
        return WriteToBuyer(queries, TOKENS, mailer, "https://nexus.test", "payment_received")

    def test_gives_a_guest_a_link_that_opens_the_order(self, mailer: MemoryMailer) -> None:
        reaction = owed(order_id=ORDER.id)

        self.write(ORDER, mailer)(owed=reaction)

        (letter,) = mailer.letters
        assert (letter.id, letter.kind, letter.to) == (reaction.id, "payment_received", ORDER.email)
        address, _, token = letter.facts["link"].partition("?token=")
        assert address == f"https://nexus.test/orders/{ORDER.id}"
        assert TOKENS.opens(ORDER.id, token)

    def test_gives_a_customer_a_link_without_a_key(self, mailer: MemoryMailer) -> None:
        order = replace(ORDER, customer_id=new_id())

        self.write(order, mailer)(owed=owed(order_id=order.id))

        assert mailer.letters[0].facts["link"] == f"https://nexus.test/orders/{order.id}"

    def test_refuses_an_order_that_is_not_there(self, mailer: MemoryMailer) -> None:
        with pytest.raises(OrderNotFound):
            self.write(ORDER, mailer)(owed=owed(order_id=new_id()))
