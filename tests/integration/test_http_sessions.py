from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from nexus.adapters.sql.users import users
from nexus.bootstrap import Container
from nexus.domain.shared import new_id
from tests.integration.signed_in import Customer, customer, post, problem
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

    def test_ends_the_session_when_one_comes_again(self, http: FlaskClient, hana: Customer) -> None:
        used = {"refresh": hana.tokens["refresh"]}
        fresh = post(http, "token/refresh", used).get_json()

        assert problem(post(http, "token/refresh", used)) == (401, "token_reused")
        assert problem(post(http, "token/refresh", {"refresh": fresh["refresh"]})) == (
            401,
            "token_invalid",
        )
        assert problem(hana.call("GET", "/users/me")) == (401, "token_invalid")

    def test_lets_one_of_many_at_once_through_and_ends_the_session(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        body = {"refresh": hana.tokens["refresh"]}
        clients = [container.http().test_client() for _ in range(20)]
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda it: post(it, "token/refresh", body), clients))

        outcomes = Counter(it.get_json().get("code", "fresh") for it in answers)
        assert outcomes == {"fresh": 1, "token_reused": 19}
        (won,) = (it.get_json() for it in answers if it.status_code == 200)
        again = post(http, "token/refresh", {"refresh": won["refresh"]})
        assert problem(again) == (401, "token_invalid")

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


def altered(token: str, key: str, **claims: Any) -> str:
    kept = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(kept | claims, key, algorithm="HS256")


Forgery = Callable[[str, str], str]


class TestAccessToken:
    @pytest.mark.parametrize(
        "forge",
        [
            lambda token, key: "",
            lambda token, key: "garbage",
            lambda token, key: "a.b.c",
            lambda token, key: token + "x",
            lambda token, key: f"{token} {token}",
            lambda token, key: token[:-4],
            lambda token, key: jwt.encode({"sub": "x"}, "", algorithm="none"),
            lambda token, key: altered(token, "another key of more than 32 characters"),
            lambda token, key: altered(token, key, exp=1),
            lambda token, key: altered(token, key, nbf=4_000_000_000),
            lambda token, key: altered(token, key, aud="somebody-else"),
            lambda token, key: altered(token, key, iss="somebody-else"),
            lambda token, key: altered(token, key, type="refresh"),
            lambda token, key: altered(token, key, sid="no session"),
            lambda token, key: altered(token, key, sid=7),
            lambda token, key: altered(token, key, sid=str(new_id())),
            lambda token, key: altered(token, key, sub=7),
            lambda token, key: altered(token, key, exp="soon"),
            lambda token, key: altered(token, key, exp=10**30),
            lambda token, key: "W1tb" * 2000 + ".e30.x",
        ],
    )
    def test_is_refused_alike_whatever_is_wrong(
        self, http: FlaskClient, container: Container, hana: Customer, forge: Forgery
    ) -> None:
        token = forge(hana.tokens["access"], container.settings().jwt_secret_key)

        answer = http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})

        assert problem(answer) == (401, "token_invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_of_another_scheme_is_none(self, http: FlaskClient) -> None:
        answer = http.get("/api/v1/users/me", headers={"Authorization": "Basic aGFuYTp4"})

        assert problem(answer) == (401, "unauthenticated")

    def test_of_a_host_whose_clock_is_ahead_is_taken(
        self, http: FlaskClient, container: Container, hana: Customer
    ) -> None:
        soon = int((datetime.now(UTC) + timedelta(seconds=20)).timestamp())
        key = container.settings().jwt_secret_key
        token = altered(hana.tokens["access"], key, iat=soon, nbf=soon)

        answer = http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 200

    def test_is_refused_when_it_is_a_refresh_token(self, http: FlaskClient, hana: Customer) -> None:
        headers = {"Authorization": f"Bearer {hana.tokens['refresh']}"}

        assert problem(http.get("/api/v1/users/me", headers=headers)) == (401, "token_invalid")
