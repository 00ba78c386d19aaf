"""The JSON that PostgreSQL writes is what the schemas document: names, kinds and values."""

import json
from typing import Any

import pytest
from marshmallow import RAISE, Schema
from sqlalchemy import text

from nexus.domain.shared import ODD_CURRENCIES, Money
from nexus.entrypoints.http.catalog_fields import ShownVariant
from nexus.entrypoints.http.categories import ShownCategory
from nexus.entrypoints.http.product_messages import ListedProduct, ShownProduct
from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor

MUG: Any = {
    "category": "kitchen",
    "compare_at_price": "120",
    "description": 'Said to be "unbreakable" \\ \u2028 ሸክላ',
    "attributes": {"deep": [1.5, None], "handles": 1, "washable": True, "of": {"clay": "red"}},
    "dimensions": {"height": 9.5},
    "weight_grams": 300,
    "tags": ["clay", "ሸክላ"],
    "options": [{"name": "size", "values": ["S", "M"]}],
    "variants": [
        {"sku": "M-S", "options": {"size": "S"}, "stock": 3, "price": "90.00"},
        {"sku": "M-M", "options": {"size": "M"}, "attributes": {"litres": 0.5}},
    ],
}


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    staff = shop.staff("catalog.write")
    staff.post("/categories", {"name": "Kitchen", "description": "Pots"})
    staff.post("/categories", {"name": "Cups", "parent_id": "kitchen"})
    mug = make(staff, **MUG)
    make(staff, "Plain")
    with shop.engine.begin() as db:
        db.execute(
            text(
                "UPDATE products SET rating_average = 4.5, rating_count = 2,"
                " created_at = '2026-01-02T03:04:05Z' WHERE slug = 'mug'"
            )
        )
        db.execute(
            text(
                "INSERT INTO product_images (id, product_id, path, is_main)"
                " VALUES (gen_random_uuid(), :id, 'a.webp', true)"
            ),
            {"id": mug["id"]},
        )
    return staff


@pytest.fixture
def guest(shop: Shop, staff: Visitor) -> Visitor:
    return shop.visitor()


def as_text(answer: Any) -> str:
    """Tell 1 from true and 1.0, which Python does not."""
    return json.dumps(answer, sort_keys=True)


def told_by(schema: type[Schema], answer: Any, shop: Shop) -> str:
    """Read an answer by its schema, and write it again by the same."""
    many = isinstance(answer, list)
    with shop.app.app_context():
        read = schema(unknown=RAISE, many=many).load(answer)
        return as_text(schema(many=many).dump(read))


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/categories", ShownCategory),
        ("/categories?tree=true", ShownCategory),
        ("/categories/cups", ShownCategory),
        ("/products/mug", ShownProduct),
        ("/products/plain", ShownProduct),
        ("/products/mug/variants", ShownVariant),
        ("/products/plain/variants", ShownVariant),
    ],
)
def test_says_what_is_documented(
    guest: Visitor, staff: Visitor, shop: Shop, path: str, schema: type[Schema]
) -> None:
    for visitor in (guest, staff):
        answer = visitor.get(path).json

        assert told_by(schema, answer, shop) == as_text(answer)


@pytest.mark.parametrize("query", ["", "?search=mug", "?category=kitchen&ordering=name"])
def test_lists_what_is_documented(guest: Visitor, staff: Visitor, shop: Shop, query: str) -> None:
    for visitor in (guest, staff):
        answer = visitor.get(f"/products{query}").json["results"]

        assert answer
        assert told_by(ListedProduct, answer, shop) == as_text(answer)


def test_writes_the_values_that_were_given(guest: Visitor) -> None:
    shown = guest.get("/products/mug").json

    assert {name: shown[name] for name in ("description", "attributes", "dimensions", "tags")} == {
        name: MUG[name] for name in ("description", "attributes", "dimensions", "tags")
    }
    assert (shown["price"], shown["compare_at_price"], shown["on_sale"]) == (
        "100.00",
        "120.00",
        True,
    )
    assert (shown["rating_average"], shown["created_at"]) == (4.5, "2026-01-02T03:04:05Z")
    assert [it["price"] for it in shown["variants"]] == ["90.00", None]
    assert shown["main_image_url"] == shown["images"][0]["url"] == "/media/a.webp"
    assert shown["category"] == shown["categories"][0]


@pytest.mark.parametrize("minor", [0, 1, 100, 123_456, 10**14])
def test_writes_money_as_the_domain_does(shop: Shop, minor: int) -> None:
    for currency in ("ETB", "USD", *ODD_CURRENCIES):
        (told,) = shop.one("SELECT nexus_money(:minor, :currency)", minor=minor, currency=currency)

        assert told == Money(minor, currency).text
