"""What is signed, and what happens to whatever is not as it should be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from nexus.bootstrap import Container, open_container
from nexus.domain.shared import new_id
from nexus.entrypoints.http.auth import key_id
from tests.integration.signed_in import Customer, customer, post, problem


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


def altered(token: str, key: str, **claims: Any) -> str:
    kept = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(kept | claims, key, algorithm="HS256", headers={"kid": key_id(key)})


def signed(token: str, key: str, algorithm: str = "HS256", **header: Any) -> str:
    """Return the token signed rightly, under another header."""
    kept = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": key_id(key)} | header)


def without(token: str, key: str, claim: str) -> str:
    kept = jwt.decode(token, options={"verify_signature": False})
    del kept[claim]
    return jwt.encode(kept, key, algorithm="HS256", headers={"kid": key_id(key)})


Forgery = Callable[[str, str], str]


class TestAccessToken:
    @pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
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
            lambda token, key: altered(token, key, type="other"),
            lambda token, key: altered(token, key, type=["access"]),
            lambda token, key: altered(token, key, sid="no session"),
            lambda token, key: altered(token, key, sid=7),
            lambda token, key: altered(token, key, sid=str(new_id())),
            lambda token, key: altered(token, key, sub=7),
            lambda token, key: altered(token, key, exp="soon"),
            lambda token, key: altered(token, key, exp=10**30),
            lambda token, key: "W1tb" * 2000 + ".e30.x",
            lambda token, key: signed(token, key, kid="unknown"),
            lambda token, key: signed(token, key, kid=""),
            lambda token, key: signed(token, key, algorithm="HS512"),
            lambda token, key: signed(token, key, crit=["exp"]),
            lambda token, key: jwt.encode({"sub": "x"}, key, algorithm="HS256"),
            lambda token, key: "eyJhbGciOiJIUzI1NiIsImtpZCI6W119." + token.partition(".")[2],
            *(partial(without, claim=it) for it in ("exp", "iss", "aud", "sub", "sid")),
            lambda token, key: "nxs_",
            lambda token, key: "nxs_" + "x" * 43,
            lambda token, key: "NXS_\u00ff",
        ],
    )
    def test_is_refused_alike_whatever_is_wrong(
        self, http: FlaskClient, container: Container, hana: Customer, forge: Forgery
    ) -> None:
        token = forge(hana.tokens["access"], container.settings().jwt_secret_key)

        answer = http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})

        assert problem(answer) == (401, "token_invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        for path, body in (("verify", {"token": token}), ("refresh", {"refresh": token})):
            answer = post(http, f"token/{path}", body)
            assert problem(answer)[0] == 401
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


NEW_KEY = "the key that came after, and long enough"


@contextmanager
def signing_with(container: Container, **environ: str) -> Iterator[FlaskClient]:
    url = container.settings().database_url
    with open_container({"NEXUS_ENV": "test", "DATABASE_URL": url} | environ) as other:
        yield other.http().test_client()


class TestKeys:
    def test_may_change_without_signing_anybody_out(
        self, container: Container, hana: Customer
    ) -> None:
        old_key = container.settings().jwt_secret_key
        keys = {"JWT_SECRET_KEY": NEW_KEY, "JWT_PREVIOUS_KEYS": f"{old_key},another"}
        with signing_with(container, **keys) as http:
            answer = http.get("/api/v1/users/me", headers=hana.headers)
            renewed = post(http, "token/refresh", {"refresh": hana.tokens["refresh"]}).get_json()

        assert answer.status_code == 200
        for token in (renewed["access"], renewed["refresh"]):
            assert jwt.get_unverified_header(token)["kid"] == key_id(NEW_KEY)

    def test_that_are_given_up_open_nothing(self, container: Container, hana: Customer) -> None:
        with signing_with(container, JWT_SECRET_KEY=NEW_KEY) as http:
            answer = http.get("/api/v1/users/me", headers=hana.headers)

        assert problem(answer) == (401, "token_invalid")

    def test_are_named_without_being_told(self, container: Container, hana: Customer) -> None:
        key = container.settings().jwt_secret_key

        header = jwt.get_unverified_header(hana.tokens["access"])

        assert header == {"alg": "HS256", "typ": "JWT", "kid": key_id(key)}
        assert header["kid"] not in key
