"""Walking through all products by cursor, in whatever order."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor

PRICES = ("3.00", "1.00", "2.00", "1.00", "3.00", "2.00", "1.00")


@pytest.fixture
def guest(shop: Shop) -> Visitor:
    staff = shop.staff("catalog.write")
    staff.post("/categories", {"name": "Cups"})
    for number, price in enumerate(PRICES):
        make(staff, f"Teapot {'ABC'[number % 3]}{number}", price=price, category="cups")
    with shop.engine.begin() as db:
        db.execute(
            text(
                "UPDATE products SET rating_average = 4.5, rating_count = 1 WHERE price_minor = 100"
            )
        )
    return shop.visitor()


def walk(visitor: Visitor, query: str, size: int = 2) -> Iterator[str]:
    path = f"/products?{query}&page_size={size}&cursor="
    while path:
        answer = visitor.get(path).json
        assert answer["count"] is None
        yield from (it["slug"] for it in answer["results"])
        path = answer["next"] and answer["next"].split("/api/v1")[1]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "ordering=price",
        "ordering=-price",
        "ordering=name",
        "ordering=-name",
        "ordering=created_at",
        "ordering=rating",
        "ordering=-rating",
        "ordering=-popularity",
        "ordering=price,-name",
        "ordering=-price,created_at,name",
        "ordering=-rating,price",
        "category=cups&ordering=-price",
        "search=teapot",
        "search=teapot&ordering=relevance,-price",
        "search=teapot&ordering=price",
        "search=teapto",
        "in_stock=false&max_price=2.00",
    ],
)
def test_meets_each_product_once_in_the_order_of_the_pages(guest: Visitor, query: str) -> None:
    listed = [it["slug"] for it in guest.get(f"/products?{query}").json["results"]]

    assert len(listed) >= 5
    assert list(walk(guest, query)) == listed


def test_counts_nothing(guest: Visitor, shop: Shop) -> None:
    with shop.statements() as sent:
        guest.get("/products?cursor=&page_size=2&brand=")

    assert len(sent) == 1


def test_is_not_moved_by_what_is_added(guest: Visitor, shop: Shop) -> None:
    first = guest.get("/products?cursor=&page_size=3").json
    staff = Visitor(shop.app.test_client(), None)
    staff.token = staff.post(
        "/auth/login", {"email": "staff@example.com", "password": "securepass"}
    ).json["access"]
    make(staff, "Newest")

    second = guest.get(first["next"].split("/api/v1")[1]).json

    assert [it["slug"] for it in second["results"]] == ["teapot-a3", "teapot-c2", "teapot-b1"]


@pytest.mark.parametrize("ordering", ["price", "-created_at,name"])
def test_refuses_the_cursor_of_another_order(guest: Visitor, ordering: str) -> None:
    first = guest.get("/products?cursor=&page_size=2&ordering=-price").json
    cursor = first["next"].rpartition("cursor=")[2]

    answer = guest.get(f"/products?cursor={cursor}&ordering={ordering}")

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


def test_ends_with_what_is_spelt_so(shop: Shop, guest: Visitor) -> None:
    staff = shop.signed_in("staff")
    for number in range(3):
        make(staff, f"Teapto {number}", price="9.00")
    steps = walk(guest, "search=teapto&ordering=name")
    found = [next(steps), next(steps)]

    staff.delete("/products/teapto-2")
    found += steps

    assert found == ["teapto-0", "teapto-1"]


@pytest.mark.parametrize("ordering", ["relevance", "name"])
def test_ends_with_what_is_alike_though_something_is_spelt_so_by_now(
    shop: Shop, guest: Visitor, ordering: str
) -> None:
    staff = shop.signed_in("staff")
    query = f"search=teapto&ordering={ordering}"
    whole = list(walk(guest, query))
    steps = walk(guest, query)
    found = [next(steps), next(steps)]

    make(staff, "Teapto", price="9.00")
    found += steps

    assert len(whole) == len(PRICES)
    assert [it for it in found if it != "teapto"] == whole
