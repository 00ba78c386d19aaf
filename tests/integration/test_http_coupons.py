from typing import Any

import pytest

from nexus.domain.shared import new_id
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("coupons.write")


def make(staff: Visitor, **terms: Any) -> Any:
    facts = {"code": "TEN", "discount_type": "percentage", "discount_value": "10.00"}
    return staff.post("/coupons", facts | terms)


class TestCreateCoupon:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("valid_from", "0001-01-01T00:00:00+14:00"),
            ("valid_to", "9999-12-31T23:59:59-14:00"),
            ("discount_value", "1E+999999"),
            ("discount_value", "١٢"),
            ("discount_value", "5_0"),
            ("discount_value", True),
            ("max_discount_amount", "1E+999999"),
            ("code", "ß" * 40),
        ],
    )
    def test_refuses_what_cannot_be_kept(self, staff: Visitor, field: str, value: Any) -> None:
        answer = make(staff, **{field: value})

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
        assert staff.get("/coupons").json["results"] == []

    def test_takes_or_refuses_letters_of_any_age(self, staff: Visitor) -> None:
        # The capital of the second is newer than some databases, and than some of our languages.
        answers = [make(staff, code=code) for code in ("ቡና", "ƛ")]

        assert answers[0].status_code == 201
        assert answers[1].status_code in (201, 422)

    def test_keeps_the_edges_of_the_calendar(self, staff: Visitor) -> None:
        edges = {"valid_from": "0001-01-01T00:00:00Z", "valid_to": "9999-12-31T23:59:59Z"}

        make(staff, **edges)

        (kept,) = staff.get("/coupons").json["results"]
        assert {name: kept[name] for name in edges} == edges

    @pytest.mark.parametrize("field", ["product_ids", "category_ids"])
    def test_refuses_to_be_for_what_does_not_exist(self, staff: Visitor, field: str) -> None:
        of_nothing = {field: [str(new_id())]}
        kept = make(staff, code="ALL").json

        answers = [make(staff, **of_nothing), staff.patch(f"/coupons/{kept['id']}", of_nothing)]

        assert {(it.status_code, *it.json["errors"]) for it in answers} == {(422, field)}


class TestListCoupons:
    def test_sorts_as_asked_and_else_the_newest_first(self, staff: Visitor) -> None:
        for code in ("B", "A", "C"):
            make(staff, code=code)

        codes = {
            ordering: [it["code"] for it in staff.get(f"/coupons{ordering}").json["results"]]
            for ordering in ("", "?ordering=code", "?ordering=-code,created_at")
        }

        assert list(codes.values()) == [["C", "A", "B"], ["A", "B", "C"], ["C", "B", "A"]]
        assert list(staff.get("/coupons?ordering=secret").json["errors"]) == ["ordering"]


class TestValidateCoupon:
    def test_looks_at_what_is_in_the_cart_without_a_subtotal(
        self, staff: Visitor, shop: Shop
    ) -> None:
        mug, tea = shop.sell("Mug", price="100.00"), shop.sell("Tea", price="40.00")
        of_tea = [shop.visitor().get(f"/variants/{tea}").json["product_id"]]
        make(staff, product_ids=of_tea)
        abebe = shop.customer()

        abebe.put_in(mug)
        without = abebe.post("/coupons/validate", {"code": "ten"}).json
        abebe.put_in(tea)
        with_tea = abebe.post("/coupons/validate", {"code": "ten"}).json

        assert (without["valid"], without["reason"]) == (False, "not_applicable")
        assert (with_tea["valid"], with_tea["discount_amount"]) == (True, "4.00")
