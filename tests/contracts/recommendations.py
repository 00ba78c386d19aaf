"""What is promised of views, in memory and in SQL."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from nexus.application.ports.recommendations import MOST_VIEWS
from nexus.application.ports.work import StartWork
from nexus.domain.catalog import ProductStatus
from tests.contracts.catalog import NOON, coffee, kept, variant_of

Seen = Callable[[UUID], list[UUID]]


class ViewsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    @pytest.fixture
    def hana(self) -> UUID:
        raise NotImplementedError

    @pytest.fixture
    def seen(self) -> Seen:
        """Return what somebody has seen, the latest first."""
        raise NotImplementedError

    def test_are_kept_with_the_latest_first(self, store: StartWork, hana: UUID, seen: Seen) -> None:
        mug, cup = (kept(store, coffee(it)).id for it in ("mug", "cup"))

        for minute, product in enumerate(("mug", str(cup), "mug")):
            with store() as work:
                work.views.note(hana, product, at=NOON + timedelta(minutes=minute))

        assert seen(hana) == [mug, cup]

    def test_are_of_what_is_shown_alone(self, store: StartWork, hana: UUID, seen: Seen) -> None:
        kept(store, coffee("draft", status=ProductStatus.DRAFT))

        for product in ("draft", "nothing"):
            with store() as work:
                work.views.note(hana, product, at=NOON)

        assert seen(hana) == []

    def test_are_no_more_than_anybody_remembers(
        self, store: StartWork, hana: UUID, seen: Seen
    ) -> None:
        mugs = [coffee(f"mug-{it}") for it in range(MOST_VIEWS + 2)]

        with store() as work:
            for minute, mug in enumerate(mugs):
                work.products.add(mug, [variant_of(mug, mug.facts.slug)])
                work.views.note(hana, mug.facts.slug, at=NOON + timedelta(minutes=minute))

        assert seen(hana) == [it.id for it in mugs[:1:-1]]

    def test_are_forgotten(self, store: StartWork, hana: UUID, seen: Seen) -> None:
        kept(store, coffee("mug"))
        with store() as work:
            work.views.note(hana, "mug", at=NOON)

        with store() as work:
            work.views.forget(hana)

        assert seen(hana) == []
