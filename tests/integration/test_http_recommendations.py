from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def bought(shop: Shop, product: Any, *others: Any) -> None:
    """Have the product bought with each of the others, the more often the earlier it is named."""
    rows = [
        {"a": product["id"], "b": other["id"], "n": len(others) - at}
        for at, other in enumerate(others)
    ]
    with shop.engine.begin() as db:
        db.execute(text("INSERT INTO bought_together VALUES (:a, :b, :n)"), rows)


def sold(shop: Shop, product: Any, units: int) -> None:
    where = "WHERE variant_id IN (SELECT id FROM variants WHERE product_id = :p)"
    with shop.engine.begin() as db:
        told = {"n": units, "p": UUID(product["id"])}
        db.execute(text(f"UPDATE stock_items SET sold = :n {where}"), told)  # noqa: S608


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [it["name"] for it in answer.json]


class TestRelated:
    def test_are_bought_together_most_often_first(self, staff: Visitor, shop: Shop) -> None:
        mug, cup, pot, lid = (make(staff, it) for it in ("Mug", "Cup", "Pot", "Lid"))
        bought(shop, mug, pot, lid, cup)

        assert names(shop.visitor().get("/products/mug/related")) == ["Pot", "Lid", "Cup"]
        assert names(shop.visitor().get("/products/mug/related?limit=1")) == ["Pot"]

    def test_are_filled_up_with_what_sells_in_the_category(
        self, staff: Visitor, shop: Shop
    ) -> None:
        staff.post("/categories", {"name": "Cups"})
        mug, cup, pot, lid = (
            make(staff, it, category="cups") for it in ("Mug", "Cup", "Pot", "Lid")
        )
        make(staff, "Spoon")
        bought(shop, mug, lid)
        for product, units in ((cup, 5), (pot, 2), (lid, 9), (mug, 50)):
            sold(shop, product, units)
        shop.container.count_sales()()

        with shop.statements() as sent:
            found = names(shop.visitor().get("/products/mug/related"))

        assert found == ["Lid", "Cup", "Pot"]
        assert len(sent) == 1

    def test_are_active(self, staff: Visitor, shop: Shop) -> None:
        mug, cup = make(staff), make(staff, "Cup")
        bought(shop, mug, cup)
        staff.patch("/products/cup", {"status": "inactive"})

        assert names(shop.visitor().get("/products/mug/related")) == []
        assert names(staff.get("/products/mug/related")) == []

    def test_of_what_nobody_may_see_are_404(self, staff: Visitor, shop: Shop) -> None:
        make(staff, status="draft")

        for path in ("/products/mug/related", "/products/nothing/related"):
            assert shop.visitor().get(path).status_code == 404
        assert names(staff.get("/products/mug/related")) == []

    @pytest.mark.parametrize("limit", ["0", "13", "-1", "many"])
    def test_are_at_most_twelve(self, shop: Shop, limit: str) -> None:
        answer = shop.visitor().get(f"/products/mug/related?limit={limit}")

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["limit"])


class TestRecentlyViewed:
    def look_at(self, visitor: Visitor, *products: str) -> None:
        for product in products:
            with visitor.get(f"/products/{product}") as answer:
                assert answer.status_code in (200, 404)

    def test_are_there_with_the_latest_first(self, staff: Visitor, shop: Shop) -> None:
        mug, abebe = make(staff), shop.customer()
        make(staff, "Cup")

        self.look_at(abebe, "mug", "cup", mug["id"])
        with shop.statements() as sent:
            found = names(abebe.get("/users/me/recently-viewed"))

        assert found == ["Mug", "Cup"]
        assert len([it for it in sent if "product_views" in it]) == 1

    def test_are_ones_own(self, staff: Visitor, shop: Shop) -> None:
        make(staff)
        self.look_at(shop.customer("hana"), "mug")
        self.look_at(shop.visitor(), "mug")

        assert names(shop.customer().get("/users/me/recently-viewed")) == []
        assert shop.visitor().get("/users/me/recently-viewed").status_code == 401

    def test_show_what_is_active_and_nothing_else(self, staff: Visitor, shop: Shop) -> None:
        abebe = shop.customer()
        make(staff)
        make(staff, "Draft", status="draft")
        self.look_at(abebe, "mug", "draft", "nothing")
        assert names(abebe.get("/users/me/recently-viewed")) == ["Mug"]

        staff.patch("/products/mug", {"status": "inactive"})

        assert names(abebe.get("/users/me/recently-viewed")) == []

    def test_are_forgotten_when_asked(self, staff: Visitor, shop: Shop) -> None:
        make(staff)
        abebe = shop.customer()
        self.look_at(abebe, "mug")

        assert abebe.delete("/users/me/recently-viewed").status_code == 204

        assert names(abebe.get("/users/me/recently-viewed")) == []

    def test_go_with_the_account_and_stand_in_its_export(self, staff: Visitor, shop: Shop) -> None:
        mug, abebe = make(staff), shop.customer()
        self.look_at(abebe, "mug")

        (seen,) = abebe.get("/users/me/export").json["recently_viewed"]
        assert seen["product_id"] == mug["id"]

        assert abebe.delete("/users/me").status_code == 204
        assert shop.one("SELECT count(*) FROM product_views") == (0,)

    def test_cost_the_reader_nothing(
        self, staff: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(staff)
        abebe = shop.customer()

        with shop.statements() as sent:
            answer = abebe.get("/products/mug")
            before = [it for it in sent if "product_views" in it]
            answer.close()

        assert before == []
        assert any("product_views" in it for it in sent)

    def test_that_cannot_be_noted_trouble_nobody(self, staff: Visitor, shop: Shop) -> None:
        make(staff)
        abebe = shop.customer()
        with shop.engine.begin() as db:
            db.execute(text("ALTER TABLE product_views RENAME TO elsewhere"))

        try:
            self.look_at(abebe, "mug")
        finally:
            with shop.engine.begin() as db:
                db.execute(text("ALTER TABLE elsewhere RENAME TO product_views"))
