from typing import Any

import pytest

from nexus.bootstrap import Container
from tests.integration.signed_in import Customer, customer


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


class TestMe:
    def test_changes_what_is_sent_and_nothing_else(self, hana: Customer) -> None:
        before = hana.call("GET", "/users/me").get_json()

        answer = hana.call(
            "PATCH",
            "/users/me",
            {"first_name": "ሃና", "phone": "0911234567", "preferences": {"locale": "am"}},
        )

        changed = {"first_name": "ሃና", "phone": "+251911234567"}
        preferences = before["preferences"] | {"locale": "am"}
        assert answer.status_code == 200
        assert answer.get_json() == before | changed | {"preferences": preferences}
        assert hana.call("GET", "/users/me").get_json() == answer.get_json()

    def test_keeps_every_preference(self, hana: Customer) -> None:
        wanted = {"locale": "am", "currency": "USD", "marketing_opt_in": True}

        hana.call("PATCH", "/users/me", {"preferences": wanted})

        assert hana.call("GET", "/users/me").get_json()["preferences"] == wanted

    def test_takes_back_what_is_sent_as_null(self, hana: Customer) -> None:
        hana.call("PATCH", "/users/me", {"username": "hana", "phone": "0911234567"})

        answer = hana.call("PATCH", "/users/me", {"username": None, "phone": None})

        assert (answer.get_json()["username"], answer.get_json()["phone"]) == (None, None)

    def test_refuses_a_name_that_another_has(self, container: Container, hana: Customer) -> None:
        customer(container, "other@example.com").call("PATCH", "/users/me", {"username": "abebe"})

        answer = hana.call("PATCH", "/users/me", {"username": "ABEBE"})

        assert (answer.status_code, answer.get_json()["code"]) == (409, "username_taken")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"role": "admin"}, "role"),
            ({"is_verified": True}, "is_verified"),
            ({"email": "new@example.com"}, "email"),
            ({"id": "x"}, "id"),
            ({"phone": "12"}, "phone"),
            ({"first_name": None}, "first_name"),
            ({"preferences": {"currency": "birr"}}, "preferences.currency"),
            ({"preferences": {"currency": "XYZ"}}, "preferences.currency"),
            ({"preferences": {"locale": "english\n"}}, "preferences.locale"),
            ({"preferences": {"locale": "fr"}}, "preferences.locale"),
            ({"preferences": {"locale": None}}, "preferences.locale"),
            ({"preferences": {"marketing_opt_in": "perhaps"}}, "preferences.marketing_opt_in"),
            ({"preferences": {"colour": "red"}}, "preferences.colour"),
            ({"preferences": None}, "preferences"),
        ],
    )
    def test_refuses_what_is_not_theirs_to_change(
        self, hana: Customer, changes: dict[str, Any], field: str
    ) -> None:
        before = hana.call("GET", "/users/me").get_json()

        answer = hana.call("PATCH", "/users/me", changes)

        assert answer.status_code == 422
        assert list(answer.get_json()["errors"]) == [field]
        assert hana.call("GET", "/users/me").get_json() == before
