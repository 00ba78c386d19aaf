"""Who did what is written down with what they did, or neither is."""

from dataclasses import fields
from functools import partial
from importlib import import_module
from pkgutil import iter_modules

import pytest

import nexus.domain
from nexus.adapters.memory.store import MemoryStore
from nexus.application.audit import audited, facts
from nexus.application.catalog.categories import ChangeCategory, CreateCategory
from nexus.application.inventory import AdjustStock
from nexus.application.ports.audit import Actor, Deed
from nexus.application.ports.work import StartWork, Work
from nexus.domain.account_changes import PasswordChanged
from nexus.domain.ledger import AdjustmentReason
from nexus.domain.locations import MAIN
from nexus.domain.shared import Aggregate, NotFound, new_id
from tests.goods import NOON, put_on_sale
from tests.people import saved_address, user

STAFF = Actor("staff", new_id())


@pytest.fixture
def staffs(store: MemoryStore) -> StartWork:
    return partial(audited, store, lambda: STAFF)


def deed(store: MemoryStore) -> Deed:
    (it,) = store.deeds
    return it


class TestStaffsWork:
    def test_tells_what_was_added(self, store: MemoryStore, staffs: StartWork) -> None:
        id_ = CreateCategory(staffs)(facts={"name": "Phones"})

        told = deed(store)
        assert (told.action, told.entity, told.entity_id) == ("category.added", "category", id_)
        assert told.before == {}
        assert told.after.items() >= {"name": "Phones", "slug": "phones"}.items()

    def test_tells_of_a_change_what_changed_and_nothing_else(
        self, store: MemoryStore, staffs: StartWork
    ) -> None:
        id_ = CreateCategory(store)(facts={"name": "Phones"})

        ChangeCategory(staffs)(category="phones", changes={"position": 3}, expected=None)

        assert deed(store) == Deed(
            "category.changed", "category", id_, {"position": 0}, {"position": 3}
        )

    def test_says_nothing_of_a_change_that_changes_nothing(
        self, store: MemoryStore, staffs: StartWork
    ) -> None:
        CreateCategory(store)(facts={"name": "Phones"})

        ChangeCategory(staffs)(category="phones", changes={"position": 0}, expected=None)

        assert store.deeds == []

    def test_tells_of_stock_by_its_variant(self, store: MemoryStore, staffs: StartWork) -> None:
        variant_id = put_on_sale(store, stock=4)

        AdjustStock(staffs, lambda: NOON)(
            variant_id=variant_id, delta=-1, reason=AdjustmentReason.LOST, note="", actor_id=None
        )

        told = deed(store)
        assert (told.action, told.entity_id) == ("stock_item.changed", variant_id)
        assert (told.before["on_hand"], told.after["on_hand"]) == (4, 3)
        assert told.after["levels"][str(MAIN)]["on_hand"] == 3

    def test_tells_what_was_taken_away(self, store: MemoryStore, staffs: StartWork) -> None:
        CreateCategory(store)(facts={"name": "Phones"})

        with staffs() as work:
            work.categories.remove(work.categories.by_key("phones"))

        assert (deed(store).action, deed(store).after) == ("category.removed", {})
        assert deed(store).before["name"] == "Phones"

    def test_tells_nothing_when_it_fails(self, store: MemoryStore, staffs: StartWork) -> None:
        def add_and_fail(work: Work) -> None:
            work.users.add(user())
            work.users.by_id(new_id())

        with pytest.raises(NotFound), staffs() as work:
            add_and_fail(work)

        assert store.deeds == []

    def test_leaves_what_is_their_own_out(self, store: MemoryStore, staffs: StartWork) -> None:
        with staffs() as work:
            work.addresses.add(saved_address(new_id()))

        assert store.deeds == []


@pytest.mark.parametrize("kind", ["customer", "guest", "system"])
def test_nobody_elses_work_is_told(store: MemoryStore, kind: str) -> None:
    with audited(store, lambda: Actor(kind)) as work:
        work.users.add(user())

    assert store.deeds == []


def test_what_bears_on_security_is_told_whoever_does_it(store: MemoryStore) -> None:
    hana = new_id()

    with store() as work:
        work.publish(PasswordChanged(hana))

    assert store.deeds == [Deed("password.changed", "user", hana)]


def aggregates() -> list[type[Aggregate]]:
    for module in iter_modules(nexus.domain.__path__):
        import_module(f"nexus.domain.{module.name}")
    return Aggregate.__subclasses__()


@pytest.mark.parametrize("kind", aggregates(), ids=lambda kind: kind.__name__)
def test_no_secret_shows_itself(kind: type[Aggregate]) -> None:
    secrets = ("hash", "secret", "password", "token")

    shown = {it.name for it in fields(kind) if it.repr}

    assert not {it for it in shown if any(word in it for word in secrets)}


def test_a_password_is_no_fact_of_a_user() -> None:
    hana = user()

    assert hana.password_hash not in str(facts(hana))
    assert facts(hana)["profile.first_name"] == "Hana"
