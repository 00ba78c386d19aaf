"""Many products, changed in one call."""

from typing import Any

import pytest

from nexus.domain.shared import new_id
from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def make_some(staff: Visitor, *prices: str, **facts: Any) -> list[str]:
    return [make(staff, f"Mug {at}", price, **facts)["id"] for at, price in enumerate(prices)]


def change(staff: Visitor, ids: list[str], **change: Any) -> Any:
    return staff.post("/products/bulk", {"ids": ids, **change})


def prices(staff: Visitor) -> list[str]:
    return [it["price"] for it in staff.get("/products?ordering=name").json["results"]]


class TestChangeProducts:
    def test_changes_all_of_them(self, staff: Visitor) -> None:
        staff.post("/categories", {"name": "Kitchen"})
        ids = make_some(staff, "1.00", "2.00", tags=["old", "blue"])
        changes = {
            "status": "inactive",
            "is_featured": True,
            "add_tags": ["new"],
            "remove_tags": ["old"],
            "category": "kitchen",
        }

        answer = change(staff, ids, **changes)

        assert (answer.status_code, answer.json) == (200, {"changed": 2})
        for id_ in ids:
            it = staff.get(f"/products/{id_}").json
            assert (it["status"], it["is_featured"]) == ("inactive", True)
            assert (it["tags"], it["category"]["slug"]) == (["blue", "new"], "kitchen")

    @pytest.mark.parametrize(
        ("price", "after"),
        [
            ({"set": "7.00"}, ["7.00", "7.00", "7.00"]),
            ({"change_percent": "10"}, ["11.00", "0.06", "110.00"]),
            ({"change_percent": -50}, ["5.00", "0.03", "50.00"]),
            ({"change_percent": "12.5"}, ["11.25", "0.06", "112.50"]),
            ({"change_percent": -100}, ["0.00", "0.00", "0.00"]),
            ({"change_amount": "1.50"}, ["11.50", "1.55", "101.50"]),
            ({"change_amount": "-50.00"}, ["0.00", "0.00", "50.00"]),
        ],
    )
    def test_rounds_prices_half_up_and_never_below_nothing(
        self, staff: Visitor, price: dict[str, Any], after: list[str]
    ) -> None:
        ids = make_some(staff, "10.00", "0.05", "100.00")

        assert change(staff, ids, price=price).json == {"changed": 3}

        assert prices(staff) == after

    def test_shifts_what_variants_cost_by_themselves(self, staff: Visitor) -> None:
        sizes = [{"options": {"size": "S"}}, {"options": {"size": "L"}, "price": "20.00"}]
        ids = make_some(staff, "10.00", variants=sizes)

        change(staff, ids, price={"change_percent": 10})
        shifted = staff.get("/products/mug-0").json
        change(staff, ids, price={"set": "5.00"})
        told = staff.get("/products/mug-0").json

        assert [it["price"] for it in shifted["variants"]] == [None, "22.00"]
        assert (shifted["price"], told["price"]) == ("11.00", "5.00")
        assert [it["price"] for it in told["variants"]] == [None, "22.00"]

    def test_means_the_regular_price(self, staff: Visitor) -> None:
        ids = make_some(staff, "10.00", "10.00")
        staff.patch("/products/mug-1", {"sale_price": "8.00"})

        change(staff, ids, price={"set": "12.00"})
        refused = change(staff, ids, price={"set": "8.00"})

        shown = staff.get("/products/mug-1").json
        assert (shown["price"], shown["regular_price"]) == ("8.00", "12.00")
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["ids.1.sale_price"])
        assert prices(staff) == ["12.00", "8.00"]

    def test_counts_those_that_are_others_now(self, staff: Visitor, shop: Shop) -> None:
        ids = make_some(staff, "10.00", "20.00")

        assert change(staff, ids, price={"set": "10.00"}).json == {"changed": 1}

        assert shop.one("SELECT count(*) FROM products WHERE version > 0")[0] == 1

    def test_changes_none_where_one_is_unknown(self, staff: Visitor) -> None:
        (known,) = make_some(staff, "10.00")

        answer = change(staff, [known, str(new_id())], price={"set": "1.00"})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["ids.1"])
        assert prices(staff) == ["10.00"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "_"),
            ({"ids": [], "status": "draft"}, "ids"),
            ({"ids": [str(new_id())] * 1001, "status": "draft"}, "ids"),
            ({"ids": ["mug"], "status": "draft"}, "ids.0"),
            ({"status": "gone"}, "status"),
            ({"price": {}}, "price"),
            ({"price": {"set": "1", "change_percent": 1}}, "price"),
            ({"price": {"change_percent": True}}, "price.change_percent"),
            ({"price": {"change_percent": "1e3"}}, "price.change_percent"),
            ({"price": {"change_percent": "-101"}}, "price.change_percent"),
            ({"price": {"change_amount": "0.001"}}, "price.change_amount"),
            ({"price": {"set": "-1"}}, "price.set"),
            ({"category": "nothing"}, "category"),
            ({"add_tags": ["a"], "remove_tags": ["a"]}, "remove_tags"),
            ({"name": "All the same"}, "name"),
        ],
    )
    def test_refuses_what_cannot_be_meant(
        self, staff: Visitor, body: dict[str, Any], field: str
    ) -> None:
        ids = make_some(staff, "10.00")

        answer = staff.post("/products/bulk", {"ids": ids} | body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_tells_the_world_and_the_audit_of_each(self, staff: Visitor, shop: Shop) -> None:
        ids = make_some(staff, "10.00", "20.00", "30.00")

        change(staff, ids, price={"set": "10.00"}, status="discontinued")

        told = "SELECT count(*) FROM outbox WHERE name = 'product.retired'"
        assert shop.one(told)[0] == 3
        written = "SELECT count(*) FROM audit_log WHERE action = 'product.changed'"
        assert shop.one(written)[0] == 3

    def test_takes_as_many_statements_for_many_as_for_one(self, staff: Visitor, shop: Shop) -> None:
        ids = make_some(staff, *["10.00"] * 30, variants=[{"price": "12.00"}])
        staff.post("/categories", {"name": "Kitchen"})
        sent = []

        for some, percent in ((ids[:1], 10), (ids[1:], 20)):
            with shop.statements() as statements:
                answer = change(staff, some, price={"change_percent": percent}, category="kitchen")
            assert answer.json == {"changed": len(some)}
            sent.append(len(statements))

        assert sent[0] == sent[1] <= 12

    def test_is_for_the_staff(self, shop: Shop) -> None:
        for visitor, status in ((shop.visitor(), 401), (shop.customer(), 403)):
            assert change(visitor, [str(new_id())], status="draft").status_code == status
