from typing import Any

import pytest

from nexus.bootstrap import Container
from nexus.domain.shared import new_id
from tests.integration.signed_in import Customer, customer

LEAST = {
    "first_name": "Hana",
    "phone": "0911234567",
    "city": "Addis Ababa",
    "line1": "Bole Road",
}
WHOLE = LEAST | {
    "kind": "billing",
    "is_default": True,
    "last_name": "Girma",
    "line2": "Third floor",
    "region": "Addis Ababa",
    "sub_city": "Bole",
    "woreda": "03",
    "kebele": "14",
    "house_no": "1024",
    "landmark": "Opposite the Total station",
    "postal_code": "1000",
    "country": "ET",
}


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


@pytest.fixture
def saved(hana: Customer) -> dict[str, Any]:
    address: dict[str, Any] = hana.call("POST", "/addresses", LEAST).get_json()
    return address


class TestSave:
    def test_keeps_all_that_an_ethiopian_address_has(self, hana: Customer) -> None:
        answer = hana.call("POST", "/addresses", WHOLE)

        shown = answer.get_json()
        assert answer.status_code == 201
        assert answer.headers["Location"].endswith(f"/api/v1/addresses/{shown['id']}")
        assert shown == WHOLE | {"phone": "+251911234567", "id": shown["id"]}
        assert hana.call("GET", f"/addresses/{shown['id']}").get_json() == shown

    def test_wants_little(self, hana: Customer, saved: dict[str, Any]) -> None:
        assert (saved["kind"], saved["is_default"], saved["country"]) == ("shipping", False, "ET")
        assert (saved["last_name"], saved["postal_code"]) == ("", "")

    @pytest.mark.parametrize("part", ["sub_city", "woreda", "kebele", "landmark"])
    def test_takes_an_ethiopian_part_for_the_line(self, hana: Customer, part: str) -> None:
        address = {k: v for k, v in LEAST.items() if k != "line1"} | {part: "Bole"}

        assert hana.call("POST", "/addresses", address).status_code == 201

    def test_reads_a_phone_as_its_country_writes_it(self, hana: Customer) -> None:
        address = LEAST | {"country": "ke", "phone": "0712 345678", "postal_code": "00100"}

        shown = hana.call("POST", "/addresses", address).get_json()

        assert (shown["country"], shown["phone"]) == ("KE", "+254712345678")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"first_name": " "}, "first_name"),
            ({"city": None}, "city"),
            ({"phone": "911"}, "phone"),
            ({"phone": "not a phone"}, "phone"),
            ({"line1": ""}, "line1"),
            ({"line1": "x" * 201}, "line1"),
            ({"line1": "Bole\nRoad"}, "line1"),
            ({"postal_code": "10000"}, "postal_code"),
            ({"country": "XX"}, "country"),
            ({"country": "Ethiopia"}, "country"),
            ({"kind": "holiday"}, "kind"),
            ({"is_default": "perhaps"}, "is_default"),
            ({"customer_id": "x"}, "customer_id"),
            ({"line2": "\x00"}, "line2"),
        ],
    )
    def test_names_the_field_that_cannot_be(
        self, hana: Customer, changes: dict[str, Any], field: str
    ) -> None:
        answer = hana.call("POST", "/addresses", LEAST | changes)

        assert (answer.status_code, answer.get_json()["code"]) == (422, "validation_failed")
        assert list(answer.get_json()["errors"]) == [field]
        assert hana.call("GET", "/addresses").get_json() == []


class TestDefault:
    def test_is_one_of_a_kind(self, hana: Customer) -> None:
        for city in ("Adama", "Jimma"):
            hana.call("POST", "/addresses", LEAST | {"city": city, "is_default": True})
        hana.call("POST", "/addresses", WHOLE)

        book = hana.call("GET", "/addresses").get_json()
        assert [(it["kind"], it["city"], it["is_default"]) for it in book] == [
            ("billing", "Addis Ababa", True),
            ("shipping", "Jimma", True),
            ("shipping", "Adama", False),
        ]

    def test_moves_to_another(self, hana: Customer, saved: dict[str, Any]) -> None:
        hana.call("POST", "/addresses", LEAST | {"is_default": True})

        hana.call("PATCH", f"/addresses/{saved['id']}", {"is_default": True})

        book = hana.call("GET", "/addresses").get_json()
        assert [it["id"] for it in book if it["is_default"]] == [saved["id"]]

    def test_may_be_set_again_and_given_up(self, hana: Customer, saved: dict[str, Any]) -> None:
        path = f"/addresses/{saved['id']}"
        answers = [hana.call("PATCH", path, {"is_default": it}) for it in (True, True, False)]

        assert [it.get_json()["is_default"] for it in answers] == [True, True, False]

    def test_of_one_customer_is_not_anothers(self, container: Container, hana: Customer) -> None:
        other = customer(container, "other@example.com")

        for it in (hana, other):
            it.call("POST", "/addresses", LEAST | {"is_default": True})

        assert [it["is_default"] for it in hana.call("GET", "/addresses").get_json()] == [True]


class TestChange:
    def test_keeps_what_is_left_out(self, hana: Customer, saved: dict[str, Any]) -> None:
        answer = hana.call("PATCH", f"/addresses/{saved['id']}", {"city": "Adama"})

        assert (answer.status_code, answer.get_json()) == (200, saved | {"city": "Adama"})

    def test_reads_a_phone_as_the_kept_country_writes_it(self, hana: Customer) -> None:
        kenyan = LEAST | {"country": "KE", "phone": "0712345678"}
        path = f"/addresses/{hana.call('POST', '/addresses', kenyan).get_json()['id']}"

        answer = hana.call("PATCH", path, {"phone": "0733 345678"})

        assert answer.get_json()["phone"] == "+254733345678"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"line1": ""}, "line1"),
            ({"postal_code": "1"}, "postal_code"),
            ({"phone": "911"}, "phone"),
            ({"id": "x"}, "id"),
        ],
    )
    def test_checks_the_whole_that_comes_of_it(
        self, hana: Customer, saved: dict[str, Any], changes: dict[str, Any], field: str
    ) -> None:
        answer = hana.call("PATCH", f"/addresses/{saved['id']}", changes)

        assert answer.status_code == 422
        assert list(answer.get_json()["errors"]) == [field]
        assert hana.call("GET", f"/addresses/{saved['id']}").get_json() == saved


class TestRemove:
    def test_takes_it_out_of_the_book(self, hana: Customer, saved: dict[str, Any]) -> None:
        path = f"/addresses/{saved['id']}"

        assert hana.call("DELETE", path).status_code == 204

        assert hana.call("DELETE", path).status_code == 404
        assert hana.call("GET", "/addresses").get_json() == []


class TestOthers:
    @pytest.mark.parametrize(
        ("method", "body"), [("GET", None), ("PATCH", {"city": "Adama"}), ("DELETE", None)]
    )
    def test_look_as_if_they_were_not_there(
        self,
        container: Container,
        hana: Customer,
        saved: dict[str, Any],
        method: str,
        body: dict[str, str] | None,
    ) -> None:
        other = customer(container, "other@example.com")

        answers = [other.call(method, f"/addresses/{id_}", body) for id_ in (saved["id"], new_id())]

        assert [(it.status_code, it.get_json()["code"]) for it in answers] == [
            (404, "not_found")
        ] * 2
        assert other.call("GET", "/addresses").get_json() == []
        assert hana.call("GET", "/addresses").get_json() == [saved]
