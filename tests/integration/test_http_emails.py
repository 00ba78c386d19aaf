from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from nexus.adapters.sql.users import users
from nexus.bootstrap import Container
from tests.integration.outbox import events, everything, letters, token_of
from tests.integration.shop import Shop
from tests.integration.signed_in import Customer, customer, post, problem
from tests.people import PASSWORD

HANA = {"email": "hana@example.com", "password": PASSWORD}
MOVE = {"new_email": "New@Example.com", "password": PASSWORD}


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


def registered(http: FlaskClient) -> Customer:
    post(http, "register", HANA)
    return Customer(http, "hana@example.com")


def rest(container: Container) -> None:
    """Let the minute pass in which nothing is mailed again."""
    with container.engine().begin() as db:
        earlier = datetime.now(UTC) - timedelta(minutes=2)
        db.execute(update(users).values(verification_asked_at=earlier))


class TestVerify:
    def test_believes_the_token_of_the_mail_once(
        self, http: FlaskClient, container: Container
    ) -> None:
        hana = registered(http)
        (letter,) = letters(container)
        token = {"token": token_of(letter)}

        answers = [post(http, "verify-email", token) for _ in range(2)]

        assert (letter.kind, letter.to) == ("verification", "hana@example.com")
        assert answers[0].status_code == 200
        assert problem(answers[1]) == (422, "token_invalid")
        assert "errors" not in answers[1].get_json()
        assert hana.call("GET", "/users/me").get_json()["is_verified"] is True
        assert [it.kind for it in letters(container)] == ["welcome"]
        assert token["token"] not in everything(container)

    @pytest.mark.parametrize("token", ["", "made up", "x" * 4096])
    def test_believes_no_other(self, http: FlaskClient, token: str) -> None:
        assert problem(post(http, "verify-email", {"token": token})) == (422, "token_invalid")

    def test_is_mailed_again_without_saying_to_whom(
        self, http: FlaskClient, container: Container
    ) -> None:
        registered(http)
        letters(container)
        rest(container)

        answers = [
            post(http, "verify-email/resend", {"email": email})
            for email in ("hana@example.com", "hana@example.com", "nobody@example.com")
        ]

        assert [it.status_code for it in answers] == [202] * 3
        assert len({it.data for it in answers}) == 1
        assert [(it.kind, it.to) for it in letters(container)] == [
            ("verification", "hana@example.com")
        ]

    def test_leaves_the_mail_before_good(self, http: FlaskClient, container: Container) -> None:
        registered(http)
        (first,) = letters(container)
        rest(container)
        post(http, "verify-email/resend", {"email": "hana@example.com"})
        letters(container)

        assert post(http, "verify-email", {"token": token_of(first)}).status_code == 200


class TestRequiredVerification:
    @pytest.fixture
    def strict(self, database_url: str, request: pytest.FixtureRequest) -> Iterator[Shop]:
        shop = Shop(database_url, REQUIRE_VERIFIED_FOR=request.param)
        yield shop
        shop.close()

    def verify(self, shop: Shop) -> None:
        user_id = shop.one("SELECT id FROM users WHERE email = 'abebe@example.com'").id
        token = shop.container.issue_verification()(user_id=user_id)
        shop.visitor().post("/auth/verify-email", {"token": token})

    @pytest.mark.parametrize("strict", ["login"], indirect=True)
    def test_keeps_the_unverified_from_logging_in(self, strict: Shop) -> None:
        visitor = strict.visitor()
        abebe = {"email": "abebe@example.com", "password": PASSWORD}
        visitor.post("/auth/register", abebe)

        before = visitor.post("/auth/login", abebe)
        wrong = visitor.post("/auth/login", abebe | {"password": "not-it"})
        self.verify(strict)
        after = visitor.post("/auth/login", abebe)

        assert problem(before) == (403, "email_not_verified")
        assert problem(wrong) == (401, "invalid_credentials")
        assert after.status_code == 200

    @pytest.mark.parametrize("strict", ["checkout"], indirect=True)
    def test_keeps_the_unverified_from_checking_out(self, strict: Shop) -> None:
        abebe = strict.customer("abebe")
        abebe.put_in(strict.sell())

        before = abebe.check_out()
        self.verify(strict)
        after = abebe.check_out()

        assert problem(before) == (403, "email_not_verified")
        assert after.status_code == 201


class TestChange:
    def test_moves_the_account_once_the_new_address_is_proved(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        asked = hana.call("POST", "/auth/email/change", MOVE)
        (letter,) = letters(container)
        before = hana.call("GET", "/users/me").get_json()
        confirmed = post(http, "email/change/confirm", {"token": token_of(letter)})
        after = hana.call("GET", "/users/me").get_json()

        assert (asked.status_code, confirmed.status_code) == (202, 200)
        assert (letter.kind, letter.to) == ("verification", "new@example.com")
        assert before["email"] == "hana@example.com"
        assert after == before | {"email": "new@example.com", "is_verified": True}
        logins = [
            post(http, "login", HANA | {"email": it}) for it in (before["email"], after["email"])
        ]
        assert [it.status_code for it in logins] == [401, 200]
        assert token_of(letter) not in everything(container)

    def test_tells_the_old_address(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        hana.call("POST", "/auth/email/change", MOVE)
        post(http, "email/change/confirm", {"token": token_of(letters(container)[0])})

        assert [(it.kind, it.to) for it in letters(container)] == [
            ("email_changed", "hana@example.com")
        ]

    def test_answers_alike_for_an_address_that_another_has(
        self, container: Container, hana: Customer
    ) -> None:
        customer(container, "taken@example.com")

        answers = [
            hana.call("POST", "/auth/email/change", MOVE | {"new_email": it})
            for it in ("taken@example.com", "free@example.com")
        ]

        assert [it.status_code for it in answers] == [202, 202]
        assert answers[0].data == answers[1].data
        assert {(it.kind, it.to) for it in letters(container)} == {
            ("account_exists", "taken@example.com"),
            ("verification", "free@example.com"),
        }

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"password": "not-it"}, "password"),
            ({"new_email": "hana@example.com"}, "new_email"),
            ({"new_email": "hana"}, "new_email"),
            ({"role": "admin"}, "role"),
        ],
    )
    def test_names_the_field_that_cannot_be(
        self, container: Container, hana: Customer, changes: dict[str, Any], field: str
    ) -> None:
        answer = hana.call("POST", "/auth/email/change", MOVE | changes)

        assert problem(answer) == (422, "validation_failed")
        assert list(answer.get_json()["errors"]) == [field]
        assert events(container) == []

    def test_believes_a_token_once_and_for_nothing_else(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        user_id = UUID(hana.id)
        move = container.issue_email_change()(user_id=user_id, email="new@example.com")
        reset = container.issue_reset()(user_id=user_id)

        answers = [post(http, "email/change/confirm", {"token": it}) for it in (reset, move, move)]

        assert answers[1].status_code == 200
        assert [problem(answers[it]) for it in (0, 2)] == [(422, "token_invalid")] * 2
        assert problem(
            post(http, "password/reset/confirm", {"token": reset, "password": "four-cups-of-buna"})
        ) == (422, "token_invalid")
