"""What staff did and what bears on security is told to administrators, and cannot be untold."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nexus.application.ports.audit import Deed
from nexus.bootstrap import Container
from tests.integration.signed_in import Customer, admin, customer
from tests.people import PASSWORD


@pytest.fixture
def chief(container: Container) -> Customer:
    return admin(container)


def told(chief: Customer, query: str = "") -> list[dict[str, Any]]:
    answer = chief.call("GET", f"/audit?page_size=100&{query}")
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.get_json()["results"]
    return results


def actions(chief: Customer, query: str = "") -> list[str]:
    return [it["action"] for it in told(chief, query)]


class TestStaffWrites:
    def test_are_told_with_who_what_before_and_after(self, chief: Customer) -> None:
        made = chief.call("POST", "/products", {"name": "Mug", "price": "100.00"}).get_json()

        answer = chief.call("PATCH", f"/products/{made['id']}", {"price": "120.00"})

        (entry,) = told(chief, "action=product.changed")
        assert entry["request_id"] == answer.headers["X-Request-ID"]
        assert (entry["actor_id"], entry["actor_kind"]) == (chief.id, "admin")
        assert (entry["entity"], entry["entity_id"]) == ("product", made["id"])
        assert entry["before"]["facts.price"] == "100.00 ETB"
        assert entry["after"]["facts.price"] == "120.00 ETB"
        assert entry["ip"] == "127.0.0.1"

    def test_of_every_kind_are_told(self, chief: Customer) -> None:
        category = chief.call("POST", "/categories", {"name": "Cups"}).get_json()
        product = chief.call("POST", "/products", {"name": "Mug", "price": "1"}).get_json()
        variant = product["variants"][0]["id"]
        counted = {"delta": 5, "reason": "received"}
        terms = {"code": "TEN", "discount_type": "percentage", "discount_value": "10"}
        coupon = chief.call("POST", "/coupons", terms).get_json()

        chief.call("POST", f"/variants/{variant}/stock/adjustments", counted)
        chief.call("PATCH", f"/variants/{variant}", {"name": "Large"})
        chief.call("PATCH", f"/users/{chief.id}", {"notes": "The first."})
        chief.call("DELETE", f"/categories/{category['id']}")
        chief.call("DELETE", f"/coupons/{coupon['id']}")

        assert set(actions(chief, f"actor={chief.id}")) == {
            "category.added",
            "category.removed",
            "coupon.added",
            "coupon.removed",
            "product.added",
            "product.changed",
            "stock_item.added",
            "stock_item.changed",
            "user.changed",
            "variant.added",
            "variant.changed",
        }

    def test_that_are_refused_are_not_told(self, chief: Customer) -> None:
        chief.call("PATCH", f"/users/{chief.id}", {"role": "customer"})

        assert actions(chief, "entity=user&action=user.changed") == []

    def test_tell_of_a_role_that_was_given(self, container: Container, chief: Customer) -> None:
        hana = customer(container)

        chief.call("PATCH", f"/users/{hana.id}", {"role": "staff", "permissions": ["users.read"]})

        (entry,) = told(chief, f"entity_id={hana.id}&action=user.changed")
        assert entry["before"] == {"role": "customer", "permissions": []}
        assert entry["after"] == {"role": "staff", "permissions": ["users.read"]}

    def test_of_customers_are_their_own_business(
        self, container: Container, chief: Customer
    ) -> None:
        hana = customer(container)

        hana.call("PATCH", "/users/me", {"first_name": "Hana"})

        assert actions(chief, f"actor={hana.id}") == []


class TestSecurity:
    def test_tells_of_signing_in_and_out(self, container: Container, chief: Customer) -> None:
        hana = customer(container)
        wrong = {"email": "hana@example.com", "password": "wrong"}
        http = container.http().test_client()

        http.post("/api/v1/auth/login", json=wrong)
        http.post("/api/v1/auth/logout", json={"refresh": hana.tokens["refresh"]})

        found = told(chief, f"entity_id={hana.id}")
        assert [it["action"] for it in found] == [
            "session.ended",
            "login.failed",
            "login.succeeded",
        ]
        assert found[1]["after"] == {"reason": "invalid_credentials"}
        assert found[1]["actor_kind"] == "guest"

    def test_tells_of_a_refresh_that_was_used_twice(
        self, container: Container, chief: Customer
    ) -> None:
        hana = customer(container)
        http = container.http().test_client()
        spent = hana.tokens["refresh"]
        for _ in range(2):
            pair = http.post("/api/v1/auth/token/refresh", json={"refresh": hana.tokens["refresh"]})
            hana.tokens |= pair.get_json()

        http.post("/api/v1/auth/token/refresh", json={"refresh": spent})

        assert actions(chief, f"entity_id={hana.id}")[0] == "refresh.reused"

    def test_tells_of_passwords_and_tokens_without_telling_them(
        self, container: Container, chief: Customer
    ) -> None:
        hana = customer(container)
        hana.call("POST", "/auth/tokens", {"name": "import"})
        new = "four-cups-of-macchiato"

        hana.call(
            "POST", "/auth/password/change", {"current_password": PASSWORD, "new_password": new}
        )

        log = chief.call("GET", f"/audit?entity_id={hana.id}")
        assert {"password.changed", "api_token.created"} <= set(actions(chief, f"actor={hana.id}"))
        assert not [it for it in ("hash", "nxs_", new, PASSWORD, "secret") if it in log.text]


class TestTheLog:
    def test_has_room_for_whatever_one_work_does(self, container: Container) -> None:
        with container.plain_work() as work:
            for number in range(10_000):
                work.record(Deed("variant.changed", "variant", after={"price": str(number)}))

        with container.engine().connect() as db:
            assert db.execute(text("SELECT count(*) FROM audit_log")).scalar() == 10_000

    def test_is_filtered_by_time_and_comes_in_pages(self, chief: Customer) -> None:
        for name in ("Cups", "Plates", "Pots"):
            chief.call("POST", "/categories", {"name": name})

        last, second = told(chief, "entity=category")[:2]
        later = chief.call("GET", f"/audit?entity=category&created_after={second['at']}")
        page = chief.call("GET", "/audit?entity=category&page_size=2").get_json()

        assert [it["id"] for it in later.get_json()["results"]] == [last["id"]]
        assert (page["count"], len(page["results"])) == (3, 2)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_log SET actor_id = NULL",
            "UPDATE audit_log SET actor_id = NULL WHERE false",
            "DELETE FROM audit_log",
            "TRUNCATE audit_log",
        ],
    )
    def test_can_only_be_added_to(
        self, container: Container, chief: Customer, statement: str
    ) -> None:
        with (
            pytest.raises(DBAPIError, match="only ever added to"),
            container.engine().begin() as db,
        ):
            db.execute(text(statement))

        assert actions(chief)
