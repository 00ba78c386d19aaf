"""What is offered to somebody who is still typing."""

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from nexus.adapters.sql.bulk_load import LoadProducts
from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


@pytest.fixture
def guest(shop: Shop) -> Visitor:
    return shop.visitor()


def suggested(guest: Visitor, typed: str) -> list[dict[str, Any]]:
    answer = guest.get(f"/products/suggest?q={quote(typed)}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json
    return found


def names(guest: Visitor, typed: str) -> list[str]:
    return [it["name"] for it in suggested(guest, typed)]


def sell(shop: Shop, product: Any, count: int) -> None:
    """Have so many sold already."""
    with shop.engine.begin() as db:
        db.execute(
            text("UPDATE stock_items SET sold = :n WHERE variant_id = :v"),
            {"n": count, "v": product["variants"][0]["id"]},
        )
        db.execute(text("SELECT nexus_relist(ARRAY[CAST(:p AS uuid)])"), {"p": product["id"]})


class TestSuggestions:
    @pytest.mark.parametrize("typed", ["l", "lap", "LAPTOP", "gaming lap", "laptop gam"])
    def test_begin_as_any_word_of_a_name(self, staff: Visitor, guest: Visitor, typed: str) -> None:
        made = make(staff, "Gaming laptop")
        make(staff, "Mug", description="Beside every laptop, when gaming")

        assert suggested(guest, typed) == [
            {
                "type": "product",
                "id": made["id"],
                "name": "Gaming laptop",
                "slug": "gaming-laptop",
                "image_url": None,
            }
        ]

    def test_begin_as_a_sku(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Mug", sku="KX-1001")

        assert names(guest, "kx-10") == ["Mug"]

    def test_are_the_popular_ones_first(self, staff: Visitor, guest: Visitor, shop: Shop) -> None:
        for name, sold in (("Lamp", 3), ("Laptop", 9), ("Ladder", 0)):
            sell(shop, make(staff, name), sold)

        assert names(guest, "la") == ["Laptop", "Lamp", "Ladder"]

    def test_are_categories_before_products(self, staff: Visitor, guest: Visitor) -> None:
        staff.post("/categories", {"name": "Office lamps"})
        category = staff.post("/categories", {"name": "Garden lamps"}).json
        make(staff, "Lamp", category=category["slug"])

        found = suggested(guest, "lam")

        assert [it["name"] for it in found] == ["Garden lamps", "Lamp"]
        assert (found[0]["type"], found[0]["id"]) == ("category", category["id"])

    def test_are_ten_at_most(self, staff: Visitor, guest: Visitor) -> None:
        for at in range(12):
            make(staff, f"Lamp {at}")

        assert len(suggested(guest, "lamp")) == 10

    def test_are_not_of_what_is_hidden(self, staff: Visitor, guest: Visitor) -> None:
        shut = staff.post("/categories", {"name": "Lamps", "is_active": False}).json
        make(staff, "Lamp", category=shut["slug"], status="draft")

        assert suggested(guest, "lamp") == []

    @pytest.mark.parametrize("typed", ["laptpo", "gamng laptop", "ቲሽርት"])
    def test_forgive_where_nothing_begins_so(
        self, staff: Visitor, guest: Visitor, typed: str
    ) -> None:
        make(staff, "Gaming laptop")
        make(staff, "ቲሸርት")

        assert len(suggested(guest, typed)) == 1

    def test_find_amharic_as_it_sounds(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "የፀሐይ መነጽር")

        assert names(guest, "መነፅ") == ["የፀሐይ መነጽር"]

    @pytest.mark.parametrize(("typed", "meant"), [("ቡ", ["ቡና"]), ("x", [])])
    def test_are_by_one_letter_of_many_products_if_that_says_something(
        self, staff: Visitor, guest: Visitor, shop: Shop, typed: str, meant: list[str]
    ) -> None:
        LoadProducts(shop.engine, "ETB", lambda _: None)(count=300, progress=lambda _: None)
        with shop.engine.begin() as db:
            db.execute(text("UPDATE products SET brand = 'X1 B1'"))
            db.execute(text("UPDATE stock_items SET sold = 1"))
            db.execute(text("SELECT nexus_relist(array_agg(id)) FROM products"))
        make(staff, "ቡና")

        assert names(guest, typed) == meant

    @pytest.mark.parametrize("typed", ["", " ", "!!!", "%", "zzz", "鞋"])
    def test_are_none_of_nothing(self, staff: Visitor, guest: Visitor, typed: str) -> None:
        make(staff, "Gaming laptop")

        assert suggested(guest, typed) == []

    @pytest.mark.parametrize("query", ["", "?q=" + "x" * 101, "?q=a%00b"])
    def test_need_something_to_go_by(self, guest: Visitor, query: str) -> None:
        answer = guest.get(f"/products/suggest{query}")

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["q"])

    @pytest.mark.parametrize("typed", ["lap", "laptpo", "nothing"])
    def test_take_one_statement(self, guest: Visitor, shop: Shop, typed: str) -> None:
        with shop.statements() as sent:
            suggested(guest, typed)

        assert len([it for it in sent if "suggested" in it]) == len(sent) == 1

    def test_are_not_sent_again_to_whoever_has_them(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Gaming laptop")
        first = guest.get("/products/suggest?q=lap")

        again = guest.get("/products/suggest?q=lap", If_None_Match=first.headers["ETag"])

        assert (again.status_code, first.headers["Cache-Control"][:6]) == (304, "public")
