from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from nexus.adapters.sql.one_time_tokens import one_time_tokens
from nexus.bootstrap import Container
from tests.integration.outbox import everything, letters, token_of
from tests.integration.shop import Shop
from tests.integration.signed_in import Customer, customer, post, problem
from tests.people import PASSWORD

ANOTHER = "four-cups-of-buna"
CHANGE = {"current_password": PASSWORD, "new_password": ANOTHER}
LOGIN = {"email": "hana@example.com", "password": PASSWORD}


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


def logs_in(http: FlaskClient, password: str) -> bool:
    return post(http, "login", LOGIN | {"password": password}).status_code == 200


class TestChange:
    def test_sets_another_and_ends_every_session_but_this_one(
        self, http: FlaskClient, hana: Customer
    ) -> None:
        elsewhere = Customer(http, "hana@example.com")

        answer = hana.call("POST", "/auth/password/change", CHANGE)

        assert (answer.status_code, answer.data) == (204, b"")
        assert hana.call("GET", "/users/me").status_code == 200
        refresh = {"refresh": hana.tokens["refresh"]}
        assert post(http, "token/refresh", refresh).status_code == 200
        assert problem(elsewhere.call("GET", "/users/me")) == (401, "token_invalid")
        refresh = {"refresh": elsewhere.tokens["refresh"]}
        assert problem(post(http, "token/refresh", refresh))[0] == 401
        assert [logs_in(http, it) for it in (PASSWORD, ANOTHER)] == [False, True]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"current_password": "not-it"}, "current_password"),
            ({"current_password": None}, "current_password"),
            ({"new_password": "short"}, "new_password"),
            ({"new_password": "password123"}, "new_password"),
            ({"new_password": "Hana@Example.com1"}, "new_password"),
            ({"user_id": "x"}, "user_id"),
        ],
    )
    def test_names_the_field_that_cannot_be_and_changes_nothing(
        self, http: FlaskClient, hana: Customer, changes: dict[str, str], field: str
    ) -> None:
        answer = hana.call("POST", "/auth/password/change", CHANGE | changes)

        assert problem(answer) == (422, "validation_failed")
        assert list(answer.get_json()["errors"]) == [field]
        assert hana.call("GET", "/users/me").status_code == 200
        assert logs_in(http, PASSWORD)

    def test_tells_the_owner(self, container: Container, hana: Customer) -> None:
        hana.call("POST", "/auth/password/change", CHANGE)

        assert [(it.kind, it.to) for it in letters(container)] == [
            ("password_changed", "hana@example.com")
        ]

    def test_happens_once_however_often_it_is_asked_at_once(
        self, container: Container, hana: Customer
    ) -> None:
        def change(number: int) -> int:
            client = container.http().test_client()
            body = CHANGE | {"new_password": f"{number}-cups-of-buna"}
            path = "/api/v1/auth/password/change"
            return client.post(path, json=body, headers=hana.headers).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = Counter(pool.map(change, range(8)))

        assert answers[204] == 1
        assert set(answers) <= {204, 409, 422}


class TestReset:
    def test_answers_alike_whoever_asks(self, http: FlaskClient, hana: Customer) -> None:
        answers = [
            post(http, "password/reset", {"email": email})
            for email in ("hana@example.com", "HANA@example.com", "nobody@example.com")
        ]

        assert [it.status_code for it in answers] == [202] * 3
        assert len({it.data for it in answers}) == 1

    def test_is_the_same_work_whoever_asks(self, shop: Shop) -> None:
        shop.customer("abebe")
        visitor = shop.visitor()

        sent = []
        for name in ("abebe", "nobody"):
            with shop.statements() as statements:
                visitor.post("/auth/password/reset", {"email": f"{name}@example.com"})
            sent.append(statements)

        assert sent[0] == sent[1]
        assert len(sent[0]) == 1

    def test_mails_a_link_to_the_owner_alone_once_a_minute(
        self, container: Container, http: FlaskClient, hana: Customer
    ) -> None:
        for email in ("Hana@Example.com", "hana@example.com", "nobody@example.com"):
            post(http, "password/reset", {"email": email})

        (letter,) = letters(container)
        assert (letter.kind, letter.to) == ("password_reset", "hana@example.com")
        assert letter.facts["link"].startswith("http://127.0.0.1:8000/reset-password?token=")

    def test_keeps_the_secret_in_the_mail_alone(
        self, container: Container, http: FlaskClient, hana: Customer
    ) -> None:
        post(http, "password/reset", {"email": "hana@example.com"})
        secret = token_of(letters(container)[0])

        post(http, "password/reset/confirm", {"token": secret, "password": ANOTHER})

        assert secret not in everything(container)


class TestConfirmReset:
    @pytest.fixture
    def token(self, container: Container, hana: Customer) -> str:
        return container.issue_reset()(user_id=UUID(hana.id))

    def test_sets_another_and_ends_every_session(
        self, container: Container, http: FlaskClient, hana: Customer, token: str
    ) -> None:
        answer = post(http, "password/reset/confirm", {"token": token, "password": ANOTHER})

        assert (answer.status_code, answer.data) == (204, b"")
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")
        assert [logs_in(http, it) for it in (PASSWORD, ANOTHER)] == [False, True]
        assert [it.kind for it in letters(container)] == ["password_changed"]

    def test_works_once_under_fifty_tries_at_once(
        self, container: Container, http: FlaskClient, token: str
    ) -> None:
        passwords = [f"{number}-cups-of-buna" for number in range(50)]
        start = Barrier(len(passwords))

        def confirm(password: str) -> int:
            client = container.http().test_client()
            start.wait(30)
            body = {"token": token, "password": password}
            return post(client, "password/reset/confirm", body).status_code

        with ThreadPoolExecutor(len(passwords)) as pool:
            answers = list(pool.map(confirm, passwords))

        assert Counter(answers) == {204: 1, 422: 49}
        (winner,) = (it for it, answer in zip(passwords, answers, strict=True) if answer == 204)
        assert logs_in(http, winner)

    @pytest.mark.parametrize("token", ["", "made up", "x" * 4096])
    def test_believes_no_other(self, http: FlaskClient, token: str) -> None:
        answer = post(http, "password/reset/confirm", {"token": token, "password": ANOTHER})

        assert problem(answer) == (422, "token_invalid")
        assert "errors" not in answer.get_json()

    def test_leaves_the_token_good_after_a_weak_password(
        self, http: FlaskClient, token: str
    ) -> None:
        weak = post(http, "password/reset/confirm", {"token": token, "password": "password123"})
        good = post(http, "password/reset/confirm", {"token": token, "password": ANOTHER})

        assert problem(weak) == (422, "validation_failed")
        assert list(weak.get_json()["errors"]) == ["password"]
        assert good.status_code == 204

    def test_is_void_after_an_hour(
        self, container: Container, http: FlaskClient, token: str
    ) -> None:
        with container.engine().begin() as db:
            created, expires = one_time_tokens.c.created_at, one_time_tokens.c.expires_at
            lifetime = db.scalar(select(expires - created))
            db.execute(update(one_time_tokens).values(expires_at=func.now()))

        answer = post(http, "password/reset/confirm", {"token": token, "password": ANOTHER})

        assert lifetime == timedelta(minutes=60)
        assert problem(answer) == (422, "token_invalid")
