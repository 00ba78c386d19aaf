"""The places that hold stock, as staff open, order and close them."""

from uuid import UUID

import pytest

from nexus.domain.locations import MAIN
from nexus.domain.shared import new_id
from tests.contracts.inventory import NOON, reserve
from tests.integration.catalogue import first_variant, make
from tests.integration.places import move, opened, places, put_in
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


class TestLocations:
    def test_begin_with_main(self, staff: Visitor) -> None:
        (main,) = staff.get("/locations").json

        assert main == {
            "id": str(MAIN),
            "code": "main",
            "name": "Main",
            "priority": 0,
            "is_active": True,
            "address": "",
        }

    def test_stand_in_the_order_in_which_they_serve(self, staff: Visitor) -> None:
        for code, priority in (("bole", 5), ("arada", -1), ("kazanchis", 5)):
            opened(staff, code, priority=priority)

        codes = [it["code"] for it in staff.get("/locations").json]

        assert codes == ["arada", "main", "bole", "kazanchis"]

    def test_are_changed_by_whoever_has_seen_the_last_change(self, staff: Visitor) -> None:
        bole = opened(staff, "bole")
        seen = staff.get(f"/locations/{bole}").headers["ETag"]
        path = f"/locations/{bole}"

        first = staff.patch(path, {"name": "Bole Road", "priority": 3}, If_Match=seen)
        second = staff.patch(path, {"name": "Bole Street"}, If_Match=seen)

        assert (first.status_code, first.json["name"], first.json["priority"]) == (
            200,
            "Bole Road",
            3,
        )
        assert second.status_code == 412

    def test_refuse_a_code_that_is_taken_until_it_is_free(self, staff: Visitor) -> None:
        bole = opened(staff, "bole")
        body = {"code": "bole", "name": "Another"}

        taken = staff.post("/locations", body)
        staff.delete(f"/locations/{bole}")
        free = staff.post("/locations", body)

        assert (taken.status_code, taken.json["code"], taken.json["field"]) == (
            409,
            "already_exists",
            "code",
        )
        assert free.status_code == 201

    @pytest.mark.parametrize("change", [{"code": "other"}, {"is_active": False}])
    def test_keep_main_as_it_is(self, staff: Visitor, change: dict[str, object]) -> None:
        path = f"/locations/{MAIN}"

        answers = [staff.patch(path, change), staff.delete(path)]

        assert {(it.status_code, it.json["code"]) for it in answers} == {
            (409, "main_location_stays")
        }
        assert staff.patch(path, {"name": "Kality", "code": "main"}).json["name"] == "Kality"

    def test_leave_its_code_to_main(self, staff: Visitor) -> None:
        bole = opened(staff, "bole")
        body = {"code": "main", "name": "Another"}

        answers = [staff.post("/locations", body), staff.patch(f"/locations/{bole}", body)]

        refused = [(it.status_code, it.json["code"], it.json.get("field")) for it in answers]
        assert refused == [(409, "already_exists", "code")] * 2

    @pytest.mark.parametrize("code", ["", "Bole", "two words", "-bole", "b" * 31])
    def test_take_codes_that_can_stand_in_a_path(self, staff: Visitor, code: str) -> None:
        answer = staff.post("/locations", {"code": code, "name": "Bole"})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["code"])

    def test_are_removed_once_they_are_empty(self, staff: Visitor) -> None:
        bole, mug = opened(staff, "bole"), first_variant(make(staff))
        put_in(staff, mug, 3, "bole")

        full = staff.delete(f"/locations/{bole}")
        move(staff, mug, 3, "bole", "main")
        empty = staff.delete(f"/locations/{bole}")

        assert (full.status_code, full.json["code"]) == (409, "location_not_empty")
        assert empty.status_code == 204
        assert staff.get(f"/locations/{bole}").status_code == 404
        assert places(staff, mug) == {"main": (3, 0, 3)}
        assert staff.get("/stock/movements?page_size=3").json["results"][2]["location"] == "bole"

    def test_are_for_the_staff(self, shop: Shop, staff: Visitor) -> None:
        assert shop.visitor().get("/locations").status_code == 401
        assert staff.get(f"/locations/{new_id()}").status_code == 404


class TestClosing:
    def test_takes_what_lies_there_out_of_what_is_sold(self, shop: Shop, staff: Visitor) -> None:
        bole, mug = opened(staff, "bole"), first_variant(make(staff, stock=2))
        put_in(staff, mug, 5, "bole")

        answer = staff.patch(f"/locations/{bole}", {"is_active": False})

        level = staff.get(f"/variants/{mug}/stock").json
        assert (answer.status_code, answer.json["is_active"]) == (200, False)
        assert (level["on_hand"], level["available"]) == (2, 2)
        assert places(staff, mug) == {"main": (2, 0, 2), "bole": (5, 0, 0)}
        (last,) = staff.get("/stock/movements?page_size=1").json["results"]
        assert (last["reason"], last["delta"], last["total_delta"]) == ("closed", 0, -5)
        assert shop.customer().put_in(mug, 3).json["available"] == 2

    def test_brings_it_back_on_opening_again(self, shop: Shop, staff: Visitor) -> None:
        bole, mug = opened(staff, "bole"), first_variant(make(staff, stock=0))
        put_in(staff, mug, 5, "bole")
        staff.patch(f"/locations/{bole}", {"is_active": False})
        put_in(staff, mug, 2, "bole")

        staff.patch(f"/locations/{bole}", {"is_active": True})

        assert shop.level(mug) == (7, 0)
        told = shop.all("SELECT name, data->>'available' FROM outbox WHERE name LIKE 'stock.%'")
        assert {tuple(it) for it in told} == {("stock.back", "5"), ("stock.back", "7")}

    def test_waits_until_nothing_is_promised_there(self, shop: Shop, staff: Visitor) -> None:
        bole, mug = opened(staff, "bole"), first_variant(make(staff, stock=0))
        put_in(staff, mug, 5, "bole")
        order_id = reserve(shop.container.work, {mug: 2})
        path = f"/locations/{bole}"

        held = staff.patch(path, {"is_active": False})
        with shop.container.work() as work:
            work.stock.release(order_id, at=NOON, reason="cancelled")
        free = staff.patch(path, {"is_active": False})

        assert (held.status_code, held.json["code"], held.json["reserved"]) == (
            409,
            "stock_committed",
            2,
        )
        assert (free.status_code, shop.level(mug)) == (200, (0, 0))

    def test_costs_the_same_whatever_lies_there(self, shop: Shop, staff: Visitor) -> None:
        bole = opened(staff, "bole")
        sizes = [{"options": {"no": str(number)}} for number in range(20)]
        for it in make(staff, variants=sizes)["variants"]:
            put_in(staff, UUID(it["id"]), 1, "bole")

        with shop.statements() as sent:
            staff.patch(f"/locations/{bole}", {"is_active": False})

        assert len(sent) <= 9
