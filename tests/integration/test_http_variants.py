from uuid import UUID

import pytest

from nexus.domain.locations import MAIN
from nexus.domain.shared import new_id
from tests.contracts.inventory import reserve
from tests.integration.catalogue import first_variant, make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


class TestVariants:
    def test_adds_one_with_its_stock(self, staff: Visitor, shop: Shop) -> None:
        make(staff)

        answer = staff.post(
            "/products/mug/variants",
            {"options": {"size": "L"}, "price": "120.00", "stock": 4, "low_stock_threshold": 1},
        )

        assert (answer.status_code, answer.json["available"]) == (201, 4)
        assert answer.json["low_stock_threshold"] == 1
        shown = shop.visitor().get("/products/mug/variants").json
        assert [it["options"] for it in shown] == [{}, {"size": "L"}]

    def test_changes_one_in_a_handful_of_statements(self, staff: Visitor, shop: Shop) -> None:
        many = [{"options": {"no": str(number)}} for number in range(1000)]
        variant_id = first_variant(make(staff, variants=many))

        with shop.statements() as sent:
            answer = staff.patch(f"/variants/{variant_id}", {"price": "5.00"})

        assert (answer.status_code, answer.json["price"]) == (200, "5.00")
        assert len(sent) <= 12
        assert shop.one("SELECT count(*) FROM variants WHERE version > 0")[0] == 1
        one_more = staff.post("/products/mug/variants", {"options": {"no": "one more"}})
        assert (one_more.status_code, list(one_more.json["errors"])) == (422, ["variants"])

    def test_sets_the_stock_through_the_ledger(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=10))

        answer = staff.patch(f"/variants/{variant_id}", {"stock": 4})

        assert (answer.status_code, answer.json["stock"]) == (200, 4)
        assert shop.level(variant_id) == (4, 0)

    def test_refuses_two_that_are_alike(self, staff: Visitor) -> None:
        make(staff, variants=[{"options": {"size": "S"}}, {"options": {"size": "M"}}])
        first, _ = staff.get("/products/mug/variants").json

        same = {"options": {"size": "M"}}
        answers = [
            staff.post("/products/mug/variants", same),
            staff.patch(f"/variants/{first['id']}", same),
            staff.post("/products/mug/variants", {"options": {"colour": "red"}}),
        ]

        assert {(it.status_code, *it.json["errors"]) for it in answers} == {(422, "options")}

    def test_keeps_the_last_one(self, staff: Visitor) -> None:
        answer = staff.delete(f"/variants/{first_variant(make(staff))}")

        assert (answer.status_code, answer.json["code"]) == (409, "conflict")

    def test_stops_selling_one_that_was_ordered(self, staff: Visitor, shop: Shop) -> None:
        sizes = [{"options": {"size": size}, "stock": 2} for size in "SM"]
        small, medium = (UUID(it["id"]) for it in make(staff, variants=sizes)["variants"])
        reserve(shop.container.work, {small: 1})

        assert staff.delete(f"/variants/{small}").status_code == 204
        assert staff.delete(f"/variants/{medium}").status_code == 204

        assert staff.get(f"/variants/{small}").json["is_active"] is False
        assert staff.get(f"/variants/{medium}").status_code == 404
        assert shop.visitor().get(f"/variants/{small}").status_code == 404


class TestStock:
    def test_counts_in_and_out_through_the_ledger(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=10))
        path = f"/variants/{variant_id}/stock"

        answer = staff.post(
            f"{path}/adjustments", {"delta": -3, "reason": "damaged", "note": "Fell"}
        )

        assert (answer.status_code, answer.json["on_hand_after"]) == (201, 7)
        assert staff.get(path).json == {
            "on_hand": 7,
            "reserved": 0,
            "available": 7,
            "low_stock_threshold": 5,
            "locations": [
                {
                    "location_id": str(MAIN),
                    "code": "main",
                    "on_hand": 7,
                    "reserved": 0,
                    "available": 7,
                }
            ],
        }
        ledger = staff.get(f"{path}/movements?page_size=1").json
        assert (ledger["count"], ledger["results"]) == (2, [answer.json])
        assert shop.level(variant_id) == (7, 0)

    def test_never_goes_below_what_is_promised(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=10))
        reserve(shop.container.work, {variant_id: 8})

        answer = staff.post(
            f"/variants/{variant_id}/stock/adjustments", {"delta": -3, "reason": "lost"}
        )

        assert (answer.status_code, answer.json["code"]) == (409, "stock_committed")
        assert shop.level(variant_id) == (10, 8)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"delta": 0, "reason": "lost"}, "delta"),
            ({"delta": 2**31, "reason": "received"}, "delta"),
            ({"delta": 2**31 - 1, "reason": "received"}, "delta"),
            ({"delta": "1", "reason": "received"}, "delta"),
            ({"delta": 1, "reason": "sold"}, "reason"),
            ({"delta": 1}, "reason"),
        ],
    )
    def test_refuses_what_cannot_be_meant(
        self, staff: Visitor, body: dict[str, object], field: str
    ) -> None:
        variant_id = first_variant(make(staff, stock=10))

        answer = staff.post(f"/variants/{variant_id}/stock/adjustments", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_is_for_the_staff(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff))

        assert shop.visitor().get(f"/variants/{variant_id}/stock").status_code == 401
        assert staff.get(f"/variants/{new_id()}/stock").status_code == 404
