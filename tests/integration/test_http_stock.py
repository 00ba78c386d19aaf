"""Stock as staff see it: what there is of everything, where, and how it came there."""

from uuid import UUID

import pytest

from nexus.domain.shared import new_id
from tests.contracts.inventory import reserve
from tests.integration.catalogue import first_variant, make
from tests.integration.places import move, opened, places, put_in
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


@pytest.fixture
def mug(staff: Visitor) -> UUID:
    """Ten of them lie at main, and there is a place called bole."""
    opened(staff, "bole", priority=1)
    return first_variant(make(staff, stock=10))


class TestAdjustments:
    def test_go_where_they_say(self, staff: Visitor, mug: UUID) -> None:
        body = {"delta": 4, "reason": "received", "location": "bole"}

        answer = staff.post(f"/variants/{mug}/stock/adjustments", body)

        assert (answer.status_code, answer.json["location"]) == (201, "bole")
        assert (answer.json["delta"], answer.json["on_hand_after"]) == (4, 14)
        assert places(staff, mug) == {"main": (10, 0, 10), "bole": (4, 0, 4)}

    def test_never_go_below_what_is_promised_there(
        self, shop: Shop, staff: Visitor, mug: UUID
    ) -> None:
        put_in(staff, mug, 4, "bole")
        reserve(shop.container.work, {mug: 8})
        body = {"delta": -3, "reason": "lost", "location": "main"}

        answer = staff.post(f"/variants/{mug}/stock/adjustments", body)

        assert (answer.status_code, answer.json["code"]) == (409, "stock_committed")
        assert (answer.json["on_hand"], answer.json["reserved"]) == (10, 8)

    def test_name_a_place_that_there_is(self, staff: Visitor, mug: UUID) -> None:
        body = {"delta": 1, "reason": "received", "location": "nowhere"}

        answer = staff.post(f"/variants/{mug}/stock/adjustments", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["location"])

    def test_cost_a_handful_of_statements(self, shop: Shop, staff: Visitor, mug: UUID) -> None:
        with shop.statements() as sent:
            put_in(staff, mug, 1, "bole")

        assert len(sent) <= 9


class TestTransfers:
    def test_carry_units_and_change_no_total(self, shop: Shop, staff: Visitor, mug: UUID) -> None:
        body = {"variant_id": str(mug), "from": "main", "to": "bole", "quantity": 4, "note": "Van"}

        answer = staff.post("/stock/transfers", body)

        assert answer.status_code == 201
        out, into = answer.json.pop("movements")
        assert answer.json | {"movements": 2} == body | {"movements": 2}
        assert (out["location"], out["delta"], out["reason"]) == ("main", -4, "transfer")
        assert (into["location"], into["delta"], into["note"]) == ("bole", 4, "Van")
        assert places(staff, mug) == {"main": (6, 0, 6), "bole": (4, 0, 4)}
        assert shop.level(mug) == (10, 0)
        assert shop.all("SELECT FROM outbox WHERE name LIKE 'stock.%'") == []

    def test_leave_what_is_promised_where_it_is(
        self, shop: Shop, staff: Visitor, mug: UUID
    ) -> None:
        reserve(shop.container.work, {mug: 8})
        body = {"variant_id": str(mug), "from": "main", "to": "bole", "quantity": 3}

        answer = staff.post("/stock/transfers", body)

        assert (answer.status_code, answer.json["code"]) == (409, "stock_committed")
        assert places(staff, mug) == {"main": (10, 8, 2)}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"to": "main"}, "to"),
            ({"to": "nowhere"}, "to"),
            ({"from": "nowhere"}, "from"),
            ({"quantity": 0}, "quantity"),
            ({"quantity": -1}, "quantity"),
            ({"variant_id": str(new_id())}, "variant_id"),
        ],
    )
    def test_refuse_what_cannot_be_meant(
        self, staff: Visitor, mug: UUID, change: dict[str, object], field: str
    ) -> None:
        body = {"variant_id": str(mug), "from": "main", "to": "bole", "quantity": 1} | change

        answer = staff.post("/stock/transfers", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_cost_a_handful_of_statements(self, shop: Shop, staff: Visitor, mug: UUID) -> None:
        with shop.statements() as sent:
            move(staff, mug, 1, "main", "bole")

        assert len(sent) <= 10


class TestLedger:
    def test_shows_every_movement_of_every_variant(
        self, shop: Shop, staff: Visitor, mug: UUID
    ) -> None:
        cup = first_variant(make(staff, "Cup", stock=5))
        move(staff, mug, 2, "main", "bole")
        order_id = reserve(shop.container.work, {cup: 1})

        shown = staff.get("/stock/movements").json

        assert shown["count"] == 5
        assert [(it["variant_id"], it["reason"]) for it in shown["results"]] == [
            (str(cup), "reserved"),
            (str(mug), "transfer"),
            (str(mug), "transfer"),
            (str(cup), "received"),
            (str(mug), "received"),
        ]
        assert self.reasons(staff, f"order={order_id}") == ["reserved"]
        assert self.reasons(staff, f"variant={cup}") == ["reserved", "received"]
        assert self.reasons(staff, "location=bole") == ["transfer"]
        assert self.reasons(staff, f"reason=received&variant={mug}") == ["received"]
        assert self.reasons(staff, "location=nowhere") == []
        assert self.reasons(staff, "created_after=2099-01-01") == []

    def reasons(self, staff: Visitor, asked: str) -> list[str]:
        return [it["reason"] for it in staff.get(f"/stock/movements?{asked}").json["results"]]

    def test_is_walked_by_cursor(self, staff: Visitor, mug: UUID) -> None:
        for _ in range(4):
            put_in(staff, mug, 1, "bole")

        first = staff.get("/stock/movements?cursor=&page_size=3").json
        rest = staff.get(first["next"].partition("/api/v1")[2]).json

        assert (len(first["results"]), len(rest["results"]), rest["next"]) == (3, 2, None)

    @pytest.mark.parametrize("asked", ["variant=mug", "order=1", "created_after=soon"])
    def test_refuses_what_cannot_be_read(self, staff: Visitor, asked: str) -> None:
        assert staff.get(f"/stock/movements?{asked}").status_code == 422


class TestLevels:
    def test_show_what_is_low_and_where_it_lies(self, staff: Visitor, mug: UUID) -> None:
        sizes = [{"options": {"size": it}, "sku": f"TEE-{it}", "stock": 2} for it in "SM"]
        small, _ = (UUID(it["id"]) for it in make(staff, "Shirt", variants=sizes)["variants"])
        staff.patch(f"/variants/{small}", {"low_stock_threshold": 1})
        put_in(staff, mug, 3, "bole")

        (low,) = staff.get("/stock?low=true").json["results"]

        assert (low["sku"], low["name"], low["is_low"]) == ("TEE-M", "Shirt", True)
        assert (low["available"], low["low_stock_threshold"]) == (2, 5)
        assert [it["code"] for it in low["locations"]] == ["main"]
        assert self.found(staff, "low=false") == [str(small), str(mug)]
        assert self.found(staff, "location=bole") == [str(mug)]
        assert self.found(staff, "search=tee-s") == [str(small)]
        assert self.found(staff, "search=mug") == [str(mug)]
        assert self.found(staff, "search=mug&low=true") == []

    def found(self, staff: Visitor, asked: str) -> list[str]:
        return [it["variant_id"] for it in staff.get(f"/stock?{asked}").json["results"]]

    def test_cost_the_same_however_many_there_are(
        self, shop: Shop, staff: Visitor, mug: UUID
    ) -> None:
        make(staff, "Shirt", variants=[{"options": {"no": str(it)}} for it in range(30)])

        with shop.statements() as sent:
            shown = staff.get("/stock?page_size=20").json

        assert (shown["count"], len(shown["results"])) == (31, 20)
        assert len(sent) <= 4

    def test_are_for_the_staff(self, shop: Shop, staff: Visitor) -> None:
        for path in ("/stock", "/stock/movements"):
            assert shop.visitor().get(path).status_code == 401
