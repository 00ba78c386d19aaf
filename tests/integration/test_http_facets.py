"""What could be chosen next, and how much of it there is."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.integration.shop import Shop

NAMES = ("Gaming laptop", "Office laptop", "Desk lamp", "Red shirt", "Green shirt")
BRANDS = ("Nile", "Awash", "nile", "")
FILTERS: dict[str, list[str]] = {
    "category": ["electronics", "computers", "clothes", "nothing"],
    "brand": ["Nile", "awash", "Tana"],
    "size": ["S", "M"],
    "min_price": ["100.00", "900.00"],
    "max_price": ["999.99", "5000.00"],
    "min_rating": ["3", "4"],
    "in_stock": ["true", "false"],
    "on_sale": ["true", "false"],
    "featured": ["true"],
    "attr.ram": ["8", "16"],
    "attr.colour": ["red"],
    "attr.ports": ["usb", "hdmi"],
    "tag": ["new"],
    "search": ["laptop", "shirt", "laptpo", "nothing"],
}
Facets = dict[str, dict[str, dict[str, Any]]]


def fill(shop: Shop) -> None:
    """Put in products that differ in everything, each in a way of its own."""
    staff = shop.staff("catalog.write")
    for name, parent in (("Electronics", None), ("Computers", "electronics"), ("Clothes", None)):
        staff.post("/categories", {"name": name, "parent_id": parent})
    for at, (name, brand) in enumerate(product(NAMES, BRANDS)):
        answer = staff.post("/products", _facts(at, name, brand))
        assert answer.status_code == 201, answer.text
    with shop.engine.begin() as db:
        db.execute(text("UPDATE products SET rating_average = 1 + length(brand) % 5"))


def _facts(at: int, name: str, brand: str) -> dict[str, Any]:
    categories = ("computers", "electronics", "clothes")
    sizes = ("S", "M", "L")[: at % 4]
    variants = [
        {"options": {"size": it, "colour": "red" if at % 2 else "green"}, "stock": at % 3}
        for it in sizes
    ]
    return {
        "name": name,
        "brand": brand,
        "price": f"{(at + 1) * 73}.50",
        "compare_at_price": f"{(at + 1) * 80}.00" if at % 3 == 0 else None,
        "category": categories[at % 3],
        "is_featured": at % 5 == 0,
        "tags": ["new"] if at % 2 else [],
        "attributes": {
            "ram": (8, 16, "16")[at % 3],
            "ports": ["usb", "hdmi"][: at % 3],
            "backlit": at % 2 == 0,
        },
        **({"variants": variants} if variants else {"stock": at % 2}),
    }


def facets(shop: Shop, chosen: dict[str, str]) -> Facets:
    answer = shop.visitor().get(f"/products/facets?{urlencode(chosen)}")
    assert answer.status_code == 200, answer.text
    return {it["name"]: {each["value"]: each for each in it["values"]} for it in answer.json}


def count(shop: Shop, chosen: dict[str, str]) -> int:
    answer = shop.visitor().get(f"/products?{urlencode(chosen)}&page_size=1")
    assert answer.status_code == 200, answer.text
    found: int = answer.json["count"]
    return found


def choices(name: str, value: dict[str, Any]) -> dict[str, str | None]:
    """Return what a click on the value sets."""
    if name == "price":
        return {it: value[it] for it in ("min_price", "max_price")}
    return {name: value["value"]}


def chosen_by(chosen: dict[str, str], name: str, value: dict[str, Any]) -> dict[str, str]:
    both = chosen | choices(name, value)
    return {key: it for key, it in both.items() if it is not None}


def every(found: Facets) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, values in found.items():
        for value in values.values():
            yield name, value


class TestFacets:
    def test_count_what_each_filter_would_leave(self, shop: Shop) -> None:
        fill(shop)

        found = facets(shop, {})

        assert set(found) == {
            *("category", "brand", "size", "price", "min_rating", "in_stock", "on_sale"),
            *("featured", "attr.ram", "attr.ports", "attr.backlit", "attr.colour"),
        }
        assert found["category"]["electronics"] == {
            "value": "electronics",
            "label": "Electronics",
            "count": 14,
        }
        assert (found["brand"]["Nile"]["count"], set(found["brand"])) == (10, {"Awash", "Nile"})
        assert found["attr.ram"]["16"]["count"] == 13
        assert found["price"]["1000.00-1999.99"]["count"] == 7
        assert [it["count"] for _, it in every(found)] == [
            count(shop, chosen_by({}, name, it)) for name, it in every(found)
        ]

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(chosen=st.dictionaries(st.sampled_from(sorted(FILTERS)), st.integers(0, 3), max_size=3))
    def test_agree_with_the_list_whatever_is_chosen(
        self, shop: Shop, chosen: dict[str, int]
    ) -> None:
        if not shop.one("SELECT count(*) FROM products")[0]:
            fill(shop)
        asked = {name: FILTERS[name][at % len(FILTERS[name])] for name, at in chosen.items()}

        for name, value in every(facets(shop, asked)):
            assert value["count"] == count(shop, chosen_by(asked, name, value)), (asked, value)

    def test_show_what_could_be_chosen_instead(self, shop: Shop) -> None:
        fill(shop)

        found = facets(shop, {"brand": "Nile", "attr.ram": "8"})

        assert set(found["brand"]) == {"Awash", "Nile"}
        assert set(found["attr.ram"]) == {"8", "16"}

    def test_are_none_of_nothing(self, shop: Shop) -> None:
        assert facets(shop, {}) == {}

    def test_take_one_statement(self, shop: Shop) -> None:
        with shop.statements() as sent:
            facets(shop, {"search": "laptop", "brand": "Nile", "attr.ram": "8"})

        assert len(sent) == 1

    @pytest.mark.parametrize(
        ("query", "field"), [("min_price=x", "min_price"), ("rating=9", "rating")]
    )
    def test_name_a_malformed_filter(self, shop: Shop, query: str, field: str) -> None:
        answer = shop.visitor().get(f"/products/facets?{query}")

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_let_staff_alone_ask_for_a_status(self, shop: Shop) -> None:
        assert shop.visitor().get("/products/facets?status=draft").status_code == 401
