"""Every list that comes in pages can be walked by cursor: the document says which there are."""

import re
from typing import Any

import pytest

from nexus.entrypoints.http.paths import API
from tests.integration.shop import Shop
from tests.integration.walks import GROWN, Grower


@pytest.fixture
def grower(shop: Shop) -> Grower:
    chief = shop.staff()
    with shop.engine.begin() as db:
        db.exec_driver_sql("UPDATE users SET role = 'admin' WHERE email = 'staff@example.com'")
    return Grower(shop, chief, str(shop.sell()))


def walked_lists(shop: Shop) -> set[str]:
    """Return the paths of all lists whose document speaks of a cursor."""
    document: Any = shop.visitor().client.get("/api/openapi.json").json
    return {
        path.removeprefix(API)
        for path, item in document["paths"].items()
        if any(it.get("name") == "cursor" for it in item.get("get", {}).get("parameters", ()))
    }


def place(link: str) -> str:
    return link.partition(API)[2]


def page_at(grower: Grower, address: str) -> Any:
    """Return the page, which may stand in something that has a name."""
    answer = grower.chief.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json.get("items", answer.json)


def keys_of(results: list[dict[str, Any]]) -> list[str]:
    """Return what tells the rows apart, and stays as it is."""
    return [it.get("id") or it.get("since") or it["variant_id"] for it in results]


def test_every_list_says_how_it_grows(shop: Shop) -> None:
    assert walked_lists(shop) == GROWN.keys()


@pytest.mark.parametrize("path", sorted(GROWN))
class TestAWalk:
    def test_meets_every_row_once_while_others_are_put_in(self, grower: Grower, path: str) -> None:
        address = grower.address(path)
        for _ in range(5):
            GROWN[path](grower)
        known = keys_of(page_at(grower, f"{address}?page_size=100")["results"])

        met, goes_on = [], f"{address}?cursor=&page_size=2"
        while goes_on:
            page = page_at(grower, goes_on)
            met += keys_of(page["results"])
            GROWN[path](grower)
            assert (page["count"], page["previous"]) == (None, None)
            goes_on = page["next"] and place(page["next"])

        assert [it for it in met if it in known] == known
        assert len(set(met)) == len(met)

    def test_counts_nothing(self, grower: Grower, shop: Shop, path: str) -> None:
        address = grower.address(path)
        for _ in range(3):
            GROWN[path](grower)
        start = page_at(grower, f"{address}?cursor=&page_size=2")["next"]

        with shop.statements() as sent:
            page_at(grower, place(start))

        assert not [
            it for it in sent if re.search(r"select\s+count\(|\boffset\b(?! 0\b)", it.lower())
        ]

    @pytest.mark.parametrize(
        "query", ["cursor=nonsense", "cursor=&page=1", f"cursor={'A' * 5000}", "cursor=%00"]
    )
    def test_is_refused_to_whoever_makes_up_a_cursor(
        self, grower: Grower, path: str, query: str
    ) -> None:
        answer = grower.chief.get(f"{grower.address(path)}?{query}")

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("path", "ordering"),
    [
        ("/orders", "total"),
        ("/orders", "-created_at,total"),
        ("/payments", "amount,-created_at"),
        ("/payments", "-amount"),
        ("/coupons", "-code"),
        ("/users", "last_name,-email"),
        ("/users", "created_at"),
        ("/products", "rating,-price"),
        ("/products", "-popularity"),
        ("/products", "name"),
    ],
)
def test_a_walk_goes_in_the_order_asked_for(grower: Grower, path: str, ordering: str) -> None:
    for _ in range(4):
        GROWN[path](grower)
    address = f"{path}?ordering={ordering}"
    known = keys_of(grower.chief.get(f"{address}&page_size=100").json["results"])

    met, goes_on = [], f"{address}&cursor=&page_size=1"
    while goes_on:
        page = page_at(grower, goes_on)
        met += keys_of(page["results"])
        goes_on = page["next"] and place(page["next"])

    assert met == known


def test_a_cursor_of_another_order_is_refused(grower: Grower) -> None:
    for _ in range(2):
        grower.offer()
    start = grower.chief.get("/coupons?cursor=&page_size=1").json["next"]

    answer = grower.chief.get(f"{place(start)}&ordering=code")

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


def test_a_list_whose_end_is_in_sight_is_not_counted_by_the_database(
    grower: Grower, shop: Shop
) -> None:
    grower.offer()

    with shop.statements() as sent:
        page = grower.chief.get("/coupons").json

    assert page["count"] == 1
    assert not [it for it in sent if "count(" in it.lower()]
