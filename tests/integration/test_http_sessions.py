from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from nexus.adapters.sql.users import users
from nexus.bootstrap import Container
from nexus.domain.sessions import GRACE
from tests.integration.signed_in import Customer, customer, let_pass, post, problem
from tests.people import PASSWORD


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


class TestLogin:
    @pytest.mark.parametrize("name", ["email", "identifier", "username"])
    def test_gives_tokens_that_open_the_account(
        self, http: FlaskClient, hana: Customer, name: str
    ) -> None:
        answer = post(http, "login", {name: "hana@example.com", "password": PASSWORD})

        body = answer.get_json()
        assert answer.headers["Cache-Control"] == "no-store"
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 1800)
        headers = {"Authorization": f"Bearer {body['access']}"}
        assert http.get("/api/v1/users/me", headers=headers).get_json() == body["user"]

    @pytest.mark.parametrize("spelt", ["hana@bücher.example", "Hana@xn--bcher-kva.example "])
    def test_knows_an_address_however_it_is_spelt(self, http: FlaskClient, spelt: str) -> None:
        post(http, "register", {"email": "hana@xn--bcher-kva.example", "password": PASSWORD})

        answer = post(http, "login", {"identifier": spelt, "password": PASSWORD})

        assert answer.get_json()["user"]["email"] == "hana@bücher.example"

    @pytest.mark.parametrize(
        "body",
        [
            {"email": "hana@example.com", "password": "wrong"},
            {"email": "nobody@example.com", "password": PASSWORD},
            {"username": "nobody", "password": PASSWORD},
            {"identifier": "", "password": ""},
        ],
    )
    def test_does_not_say_what_was_wrong(
        self, http: FlaskClient, hana: Customer, body: dict[str, str]
    ) -> None:
        answer = post(http, "login", body)

        assert problem(answer) == (401, "invalid_credentials")
        assert "WWW-Authenticate" in answer.headers

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"password": PASSWORD},
            {"email": "hana@example.com"},
            {"email": "a@example.com", "username": "b", "password": PASSWORD},
            {"email": ["hana@example.com"], "password": PASSWORD},
        ],
    )
    def test_wants_one_name_and_a_password(self, http: FlaskClient, body: dict[str, str]) -> None:
        assert problem(post(http, "login", body)) == (422, "validation_failed")

    def test_refuses_a_disabled_account(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        with container.engine().begin() as db:
            db.execute(update(users).values(is_active=False))

        answer = post(http, "login", {"email": "hana@example.com", "password": PASSWORD})

        assert problem(answer) == (403, "account_disabled")
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")

    def test_succeeds_with_a_cart_that_nobody_knows(
        self, http: FlaskClient, hana: Customer
    ) -> None:
        body = {"email": "hana@example.com", "password": PASSWORD}
        for headers in ({"X-Cart-Token": "made up"}, {"Cookie": "nexus_cart=\u00ff"}):
            answer = http.post("/api/v1/auth/login", json=body, headers=headers)

            assert answer.status_code == 200


class TestRefresh:
    def test_exchanges_a_token_for_a_new_pair(self, http: FlaskClient, hana: Customer) -> None:
        answer = post(http, "token/refresh", {"refresh": hana.tokens["refresh"]})

        body = answer.get_json()
        assert answer.status_code == 200
        assert set(body) == {"access", "refresh", "token_type", "expires_in"}
        headers = {"Authorization": f"Bearer {body['access']}"}
        assert http.get("/api/v1/users/me", headers=headers).status_code == 200

    def test_gives_the_same_again_when_the_answer_was_lost(
        self, http: FlaskClient, hana: Customer
    ) -> None:
        used = {"refresh": hana.tokens["refresh"]}
        first, again = (post(http, "token/refresh", used).get_json() for _ in range(2))

        assert again["refresh"] == first["refresh"] != used["refresh"]
        assert post(http, "token/refresh", {"refresh": again["refresh"]}).status_code == 200

    def test_ends_the_session_when_one_comes_again_later(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        used = {"refresh": hana.tokens["refresh"]}
        fresh = post(http, "token/refresh", used).get_json()
        let_pass(container, GRACE)

        assert problem(post(http, "token/refresh", used)) == (401, "token_reused")
        assert problem(post(http, "token/refresh", {"refresh": fresh["refresh"]})) == (
            401,
            "token_invalid",
        )
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")

    def test_gives_one_successor_to_many_at_once(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        body = {"refresh": hana.tokens["refresh"]}
        clients = [container.http().test_client() for _ in range(20)]
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda it: post(it, "token/refresh", body), clients))

        assert {it.status_code for it in answers} == {200}
        (successor,) = {it.get_json()["refresh"] for it in answers}
        assert post(http, "token/refresh", {"refresh": successor}).status_code == 200

    def test_takes_no_access_token(self, http: FlaskClient, hana: Customer) -> None:
        answer = post(http, "token/refresh", {"refresh": hana.tokens["access"]})

        assert problem(answer) == (401, "token_invalid")


class TestVerifyToken:
    @pytest.mark.parametrize("kind", ["access", "refresh"])
    def test_says_until_when_it_is_good(self, http: FlaskClient, hana: Customer, kind: str) -> None:
        body = post(http, "token/verify", {"token": hana.tokens[kind]}).get_json()

        assert body["valid"] is True
        assert datetime.fromisoformat(body["expires_at"]) > datetime.now(UTC)

    def test_refuses_what_was_exchanged_or_signed_out(
        self, http: FlaskClient, hana: Customer
    ) -> None:
        used = hana.tokens["refresh"]
        fresh = post(http, "token/refresh", {"refresh": used}).get_json()["refresh"]

        assert problem(post(http, "token/verify", {"token": used})) == (401, "token_invalid")
        post(http, "logout", {"refresh": fresh})
        assert problem(post(http, "token/verify", {"token": fresh})) == (401, "token_invalid")


class TestLogout:
    def test_ends_the_session_with_its_access_token(
        self, http: FlaskClient, hana: Customer
    ) -> None:
        body = {"refresh": hana.tokens["refresh"]}
        answers = [post(http, "logout", body) for _ in range(2)]

        assert [(it.status_code, it.data) for it in answers] == [(204, b"")] * 2
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")
        assert problem(post(http, "token/refresh", body)) == (401, "token_invalid")

    def test_leaves_other_sessions_alone(self, http: FlaskClient, hana: Customer) -> None:
        other = Customer(http, "hana@example.com")

        post(http, "logout", {"refresh": hana.tokens["refresh"]})

        assert other.call("GET", "/users/me").status_code == 200

    def test_everywhere_ends_all(self, http: FlaskClient, hana: Customer) -> None:
        other = Customer(http, "hana@example.com")

        assert hana.call("POST", "/auth/logout-all").status_code == 204

        for it in (hana, other):
            assert problem(it.call("GET", "/users/me")) == (401, "token_invalid")
