"""What collections promise, in memory and in SQL."""

from typing import Any

import pytest

from nexus.application.ports.work import StartWork
from nexus.domain.collections import Collection, CollectionNotFound, Condition, Match, Rule
from nexus.domain.shared import AlreadyExists, Money, Stale, new_id
from tests.contracts.catalog import coffee, kept

RULE = Rule(
    Match.ANY,
    (
        Condition(tag="gift", min_price=Money(100_00), attributes={"roast": "dark"}),
        Condition(on_sale=True, created_within_days=30),
    ),
)


def begun(store: StartWork, name: str = "gifts", **facts: Any) -> Collection:
    collection = Collection.create(name=name, slug=name)
    collection.change(facts)
    with store() as work:
        work.collections.add(collection)
    return collection


class CollectionsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_returns_one_as_it_was_added_by_id_and_by_slug(self, store: StartWork) -> None:
        gifts = begun(store, description="For others", image_url="/gifts.webp", rule=RULE)

        with store() as work:
            assert work.collections.lock("gifts") == gifts
            assert work.collections.lock(str(gifts.id)) == gifts

    def test_keeps_what_was_chosen_in_order(self, store: StartWork) -> None:
        gifts = begun(store)
        chosen = [kept(store, coffee(it)).id for it in ("a", "b", "c")][::-1]

        with store() as work:
            gifts.choose(chosen)
            work.collections.save(gifts)

        with store() as work:
            assert work.collections.lock("gifts").product_ids == chosen

    def test_refuses_a_slug_that_is_taken(self, store: StartWork) -> None:
        begun(store)

        with pytest.raises(AlreadyExists, match="slug"):
            begun(store)

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork) -> None:
        seen = begun(store)
        with store() as work:
            work.collections.save(work.collections.lock("gifts"))

        with pytest.raises(Stale), store() as work:
            work.collections.save(seen)

    def test_forgets_one_that_was_removed(self, store: StartWork) -> None:
        gifts = begun(store)

        with store() as work:
            work.collections.remove(gifts)

        with store() as work, pytest.raises(CollectionNotFound):
            work.collections.lock("gifts")

    def test_refuses_an_unknown_one(self, store: StartWork) -> None:
        with store() as work, pytest.raises(CollectionNotFound):
            work.collections.lock(str(new_id()))
