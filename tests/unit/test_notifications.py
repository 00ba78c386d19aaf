from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.adapters.memory.system import MemoryMailer
from nexus.adapters.tokens import HmacOrderTokens
from nexus.application.emails import ConfirmEmailChange, VerifyEmail
from nexus.application.links import IssueLink
from nexus.application.notifications import (
    SendEmailConfirmation,
    SendPasswordReset,
    SendVerification,
    TellOldAddress,
    TellStaffOfLowStock,
    TellStaffOfNewUser,
    WriteToBuyer,
    WriteToCustomer,
)
from nexus.application.ports.identity import Account, IdentityQueries
from nexus.application.ports.inventory import ListedStock, StockQueries
from nexus.application.ports.shopping import OrderDetails, ShoppingQueries
from nexus.application.ports.system import OwedReaction, StoredEvent
from nexus.domain.one_time_tokens import Purpose, digest
from nexus.domain.orders import OrderNotFound
from nexus.domain.shared import new_id
from nexus.domain.users import Preferences, User
from tests.letters import ORDER
from tests.people import user

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOKENS = HmacOrderTokens("a key of the shop")
DAY = timedelta(days=1)


def owed(**facts: UUID | str) -> OwedReaction:
    data = {name: str(fact) for name, fact in facts.items()}
    return OwedReaction(new_id(), "a reaction", StoredEvent(new_id(), "an event", NOON, data), 1)


@dataclass
class AccountsOf:
    """Answers for the users of a store, in Amharic."""

    start_work: MemoryStore

    def account(self, user_id: UUID) -> Account:
        with self.start_work() as work:
            return self.shown(work.users.by_id(user_id))

    def account_of(self, email: str) -> Account | None:
        with self.start_work() as work:
            it = work.users.by_email(email)
            return self.shown(it) if it else None

    def shown(self, it: User) -> Account:
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
            is_closed=it.closed_at is not None,
        )


@dataclass
class OneOrder:
    kept: OrderDetails

    def order(self, order_id: UUID) -> OrderDetails | None:
        return self.kept if order_id == self.kept.id else None


@pytest.fixture
def mailer() -> MemoryMailer:
    return MemoryMailer()


@pytest.fixture
def owner(store: MemoryStore) -> User:
    owner = user()
    with store() as work:
        work.users.add(owner)
    return owner


@pytest.fixture
def queries(store: MemoryStore) -> IdentityQueries:
    return cast(IdentityQueries, AccountsOf(store))


def issue(store: MemoryStore, purpose: Purpose) -> IssueLink:
    return IssueLink(store, lambda: NOON, purpose, DAY)


class TestSendVerification:
    @pytest.fixture
    def send(
        self, store: MemoryStore, queries: IdentityQueries, mailer: MemoryMailer
    ) -> SendVerification:
        links = issue(store, Purpose.VERIFY_EMAIL)
        return SendVerification(queries, links, mailer, "https://nexus.test")

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


class TestTellStaffOfNewUser:
    def test_tells_the_address_that_staff_have_chosen(
        self, queries: IdentityQueries, owner: User, mailer: MemoryMailer
    ) -> None:
        tell = TellStaffOfNewUser(queries, mailer, "staff@nexus.test", "https://nexus.test")

        tell(owed=owed(user_id=owner.id))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to) == ("staff_new_user", "staff@nexus.test")
        assert (letter.facts["name"], letter.facts["email"]) == ("Hana Girma", owner.email)

    def test_tells_nobody_where_none_was_chosen(
        self, queries: IdentityQueries, owner: User, mailer: MemoryMailer
    ) -> None:
        TellStaffOfNewUser(queries, mailer, "", "")(owed=owed(user_id=owner.id))

        assert not mailer.letters


class OneItem:
    """What the queries of stock tell of the one variant that there is."""

    def __init__(self, item: ListedStock) -> None:
        self.found = item

    def item(self, variant_id: UUID) -> ListedStock | None:
        return self.found if variant_id == self.found.variant_id else None


class TestTellStaffOfLowStock:
    @pytest.fixture
    def mug(self) -> ListedStock:
        return ListedStock(new_id(), new_id(), "Mug", "MUG-1", 5, 3, 2, 2, True, ())

    def low(self, item: ListedStock) -> OwedReaction:
        return owed(variant_id=item.variant_id, sku=item.sku, available="2", threshold="2")

    def tell(self, item: ListedStock, mailer: MemoryMailer, to: str) -> TellStaffOfLowStock:
        return TellStaffOfLowStock(cast(StockQueries, OneItem(item)), mailer, to, "https://x.test")

    def test_tells_the_address_that_staff_have_chosen(
        self, mug: ListedStock, mailer: MemoryMailer
    ) -> None:
        self.tell(mug, mailer, "staff@nexus.test")(owed=self.low(mug))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to) == ("low_stock", "staff@nexus.test")
        assert (letter.facts["name"], letter.facts["sku"]) == ("Mug", "MUG-1")

    def test_tells_nobody_where_none_was_chosen(
        self, mug: ListedStock, mailer: MemoryMailer
    ) -> None:
        self.tell(mug, mailer, "")(owed=self.low(mug))

        assert not mailer.letters

    def test_tells_nothing_of_what_is_gone(self, mug: ListedStock, mailer: MemoryMailer) -> None:
        gone = replace(mug, variant_id=new_id())

        self.tell(mug, mailer, "staff@nexus.test")(owed=self.low(gone))

        assert not mailer.letters


class TestSendPasswordReset:
    def test_sends_a_link_that_resets(
        self, store: MemoryStore, queries: IdentityQueries, owner: User, mailer: MemoryMailer
    ) -> None:
        links = issue(store, Purpose.RESET_PASSWORD)

        SendPasswordReset(queries, links, mailer, "https://nexus.test")(owed=owed(user_id=owner.id))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to, letter.locale) == ("password_reset", owner.email, "am")
        address, _, token = letter.facts["link"].partition("?token=")
        assert address == "https://nexus.test/reset-password"
        with store() as work:
            assert work.one_time_tokens.find(digest(token), Purpose.RESET_PASSWORD, at=NOON)


class TestSendEmailConfirmation:
    @pytest.fixture
    def send(
        self, store: MemoryStore, queries: IdentityQueries, mailer: MemoryMailer
    ) -> SendEmailConfirmation:
        links = issue(store, Purpose.CHANGE_EMAIL)
        return SendEmailConfirmation(queries, links, mailer, "https://nexus.test")

    def test_sends_a_link_to_the_address_that_is_wanted(
        self, store: MemoryStore, send: SendEmailConfirmation, owner: User, mailer: MemoryMailer
    ) -> None:
        send(owed=owed(user_id=owner.id, new_email="new@example.com"))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to) == ("verification", "new@example.com")
        address, _, token = letter.facts["link"].partition("?token=")
        assert address == "https://nexus.test/confirm-email"
        ConfirmEmailChange(store, lambda: NOON)(token=token)
        with store() as work:
            assert work.users.by_id(owner.id).email == "new@example.com"

    def test_tells_the_owner_of_an_address_that_has_an_account(
        self, store: MemoryStore, send: SendEmailConfirmation, owner: User, mailer: MemoryMailer
    ) -> None:
        with store() as work:
            work.users.add(user("taken@example.com"))

        send(owed=owed(user_id=owner.id, new_email="taken@example.com"))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to) == ("account_exists", "taken@example.com")
        assert letter.facts["link"] == "https://nexus.test"


class TestTellOldAddress:
    def test_writes_to_the_address_before(
        self, queries: IdentityQueries, owner: User, mailer: MemoryMailer
    ) -> None:
        tell = TellOldAddress(queries, mailer, "https://nexus.test")

        tell(owed=owed(user_id=owner.id, old_email="old@example.com"))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to) == ("email_changed", "old@example.com")


class TestWriteToCustomer:
    def test_writes_to_customers_in_their_language(
        self, queries: IdentityQueries, owner: User, mailer: MemoryMailer
    ) -> None:
        welcome = WriteToCustomer(queries, mailer, "welcome", "https://nexus.test")

        welcome(owed=owed(user_id=owner.id))

        (letter,) = mailer.letters
        assert (letter.kind, letter.to, letter.locale) == ("welcome", owner.email, "am")
        assert letter.facts == {"name": "Hana", "link": "https://nexus.test"}

    def test_writes_nothing_to_whoever_has_left(
        self, store: MemoryStore, queries: IdentityQueries, owner: User, mailer: MemoryMailer
    ) -> None:
        with store() as work:
            owner.close("nobody's", at=NOON)
            work.users.save(owner)

        WriteToCustomer(queries, mailer, "welcome", "https://nexus.test")(
            owed=owed(user_id=owner.id)
        )

        assert not mailer.letters


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
