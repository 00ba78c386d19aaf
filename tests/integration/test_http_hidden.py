"""What staff keep to themselves: nobody else comes by it, however they ask."""

from typing import Any

import pytest

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def names(answer: Any) -> list[str]:
    return [it["name"] for it in answer.json["results"]]


class TestHiddenCategory:
    @pytest.fixture(autouse=True)
    def _cellar(self, staff: Visitor) -> None:
        for facts in ({"name": "Cellar"}, {"name": "Wine", "parent_id": "cellar"}):
            staff.post("/categories", facts)
        red = staff.post("/categories", {"name": "Red"}).json["id"]
        make(staff, "Tej", category="wine", category_ids=[red])
        staff.patch("/categories/cellar", {"is_active": False})

    @pytest.mark.parametrize(
        "path", ["/products", "/products?search=tej", "/products?category=red"]
    )
    def test_is_named_in_no_list(self, shop: Shop, path: str) -> None:
        answer = shop.visitor().get(path)

        assert names(answer) == ["Tej"]
        assert answer.json["results"][0]["category"] is None

    def test_is_not_named_by_its_products(self, shop: Shop, staff: Visitor) -> None:
        shown, whole = (it.get("/products/tej").json for it in (shop.visitor(), staff))

        assert shown["category"] is None
        assert [it["slug"] for it in shown["categories"]] == ["red"]
        assert whole["category"]["slug"] == "wine"
        assert [it["slug"] for it in whole["categories"]] == ["wine", "red"]

    @pytest.mark.parametrize("category", ["cellar", "wine"])
    def test_is_an_unknown_one_to_shoppers(self, shop: Shop, staff: Visitor, category: str) -> None:
        path = f"/products?category={category}"

        assert shop.visitor().get(path).json["count"] == 0
        assert shop.visitor().get(f"{path}&search=tej").json["count"] == 0
        assert names(staff.get(path)) == ["Tej"]


class TestHiddenVariant:
    @pytest.fixture(autouse=True)
    def _sizes(self, staff: Visitor) -> None:
        small = {"sku": "OLD-S", "options": {"size": "S"}, "is_active": False}
        make(staff, "Shirt", variants=[small, {"sku": "NEW-M", "options": {"size": "M"}}])

    def test_is_not_found_by_its_sku(self, shop: Shop, staff: Visitor) -> None:
        assert names(shop.visitor().get("/products?search=OLD-S")) == []
        assert names(staff.get("/products?search=OLD-S")) == ["Shirt"]

    def test_does_not_give_its_sku_to_the_product(self, shop: Shop) -> None:
        (listed,) = shop.visitor().get("/products").json["results"]

        assert listed["sku"] == "NEW-M"
        assert shop.visitor().get("/products/shirt").json["sku"] == "NEW-M"
