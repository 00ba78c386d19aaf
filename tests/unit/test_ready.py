"""What lies ready, and for how long."""

from typing import Any

import pytest

from nexus.adapters.ready_answers import Budget, NearAnswers
from nexus.application.ports.ready import Edition, Freshness, ReadyAnswer
from nexus.entrypoints.http.ready import Shows, freshness_of, key_of

NOW = Edition("g1", "s1")
SOLD_SOMETHING = Edition("g1", "s2")
CHANGED = Edition("g2", "s1")
KEPT = freshness_of(products=300, categories=900)


def answer(freshness: Freshness = KEPT[Shows.LISTS], body: bytes = b"[]") -> ReadyAnswer:
    return ReadyAnswer(body, '"tag"', "/products", NOW, 1000.0, freshness)


class TestReadyAnswer:
    @pytest.mark.parametrize(
        ("shows", "edition", "after", "holds"),
        [
            (Shows.LISTS, NOW, 299, True),
            (Shows.LISTS, NOW, 300, False),
            (Shows.LISTS, CHANGED, 0, False),
            (Shows.LISTS, SOLD_SOMETHING, 0.9, True),
            (Shows.LISTS, SOLD_SOMETHING, 1, False),
            (Shows.PRODUCTS, NOW, 299, True),
            (Shows.PRODUCTS, SOLD_SOMETHING, 0, False),
            (Shows.CATEGORIES, SOLD_SOMETHING, 899, True),
            (Shows.CATEGORIES, CHANGED, 0, False),
        ],
    )
    def test_holds_until_something_changes_that_it_shows(
        self, shows: Shows, edition: Edition, after: float, holds: bool
    ) -> None:
        assert answer(KEPT[shows]).holds(edition, at=1000.0 + after) is holds


class TestNearAnswers:
    def test_lets_go_of_what_was_not_asked_for_the_longest(self) -> None:
        near = NearAnswers(room=25_000)
        for key in ("old", "asked", "new"):
            near.put(key, answer(body=b"x" * 10_000))
            near.get("asked")

        assert [near.get(key) is not None for key in ("old", "asked", "new")] == [
            False,
            True,
            True,
        ]

    def test_keeps_nothing_that_is_larger_than_its_room(self) -> None:
        near = NearAnswers(room=5_000)

        near.put("large", answer(body=b"x" * 10_000))
        near.put("small", answer())

        assert near.get("large") is None
        assert near.get("small") is not None

    def test_takes_no_more_room_for_what_it_has_already(self) -> None:
        near = NearAnswers(room=3_000)
        near.put("one", answer())

        for _ in range(10):
            near.put("other", answer())

        assert near.get("one") is not None


class TestBudget:
    def test_is_spent_once(self) -> None:
        budget = Budget(1_000_000)

        assert [budget.spend(400_000) for _ in range(3)] == [True, True, False]
        assert budget.spend(100_000)


class TestKey:
    @pytest.mark.parametrize(
        ("asked", "as_well"),
        [("a=1&b=2", "b=2&a=1"), ("size=M&page=2&brand=x", "brand=x&page=2&size=M")],
    )
    def test_is_the_same_in_whatever_order(self, asked: str, as_well: str) -> None:
        assert key_of(environ(asked)) == key_of(environ(as_well))

    def test_keeps_the_order_of_what_is_said_twice(self) -> None:
        assert key_of(environ("a=1&a=2")) != key_of(environ("a=2&a=1"))

    def test_differs_by_the_host_that_the_links_name(self) -> None:
        assert key_of(environ("")) != key_of(environ("", HTTP_HOST="other.test"))


def environ(asked: str, **more: str) -> dict[str, Any]:
    here = {"HTTP_HOST": "nexus.test", "PATH_INFO": "/api/v1/products", "wsgi.url_scheme": "http"}
    return here | {"QUERY_STRING": asked} | more
