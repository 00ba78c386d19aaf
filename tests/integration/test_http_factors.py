from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from dependency_injector import providers
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from nexus.bootstrap import Container, close, read_container
from tests.integration.signed_in import Customer, admin, customer, post, problem
from tests.people import CHEAP, PASSWORD

NEXT = timedelta(seconds=30)


@pytest.fixture
def hana(container: Container) -> Customer:
    return customer(container)


@pytest.fixture
def app(hana: Customer) -> pyotp.TOTP:
    """Hana's phone; no log-in has asked for its codes yet."""
    begun = hana.call("POST", "/auth/factors/totp", {"password": PASSWORD})
    return pyotp.TOTP(begun.get_json()["secret"])


@pytest.fixture
def recovery(hana: Customer, app: pyotp.TOTP) -> list[str]:
    """The recovery codes, once the phone's code of this moment has been used up."""
    confirmed = hana.call("POST", "/auth/factors/totp/confirm", {"code": app.now()})
    codes: list[str] = confirmed.get_json()["recovery_codes"]
    return codes


def log_in(http: FlaskClient, **code: str) -> TestResponse:
    return post(http, "login", {"email": "hana@example.com", "password": PASSWORD} | code)


def fresh(app: pyotp.TOTP) -> str:
    """Return a code that has not been used: that of the next step is taken as well."""
    return app.at(datetime.now(UTC) + NEXT)


class TestSettingUp:
    def test_shows_the_secret_to_whoever_knows_the_password(self, hana: Customer) -> None:
        answer = hana.call("POST", "/auth/factors/totp", {"password": PASSWORD})

        body = answer.get_json()
        assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
        assert body["uri"].startswith("otpauth://totp/Nexus:hana%40example.com?secret=")
        refused = hana.call("POST", "/auth/factors/totp", {"password": "wrong"})
        assert problem(refused) == (422, "validation_failed")

    def test_counts_once_it_is_confirmed(
        self, http: FlaskClient, hana: Customer, app: pyotp.TOTP
    ) -> None:
        assert log_in(http).status_code == 200
        assert hana.call("GET", "/auth/factors").get_json() == []

        answer = hana.call("POST", "/auth/factors/totp/confirm", {"code": app.now()})

        (listed,) = hana.call("GET", "/auth/factors").get_json()
        assert len(answer.get_json()["recovery_codes"]) == 10
        assert (listed["kind"], listed["recovery_codes_left"]) == ("totp", 10)
        again = hana.call("POST", "/auth/factors/totp", {"password": PASSWORD})
        assert problem(again) == (409, "second_factor_exists")

    def test_wants_the_code_that_is_shown(self, hana: Customer, app: pyotp.TOTP) -> None:
        answer = hana.call("POST", "/auth/factors/totp/confirm", {"code": "abc"})

        assert problem(answer) == (422, "validation_failed")

    def test_is_given_up_with_password_and_code(
        self, http: FlaskClient, hana: Customer, app: pyotp.TOTP, recovery: list[str]
    ) -> None:
        for password, code in (("wrong", fresh(app)), (PASSWORD, "000000")):
            body = {"password": password, "code": code}
            refused = hana.call("DELETE", "/auth/factors/totp", body)
            assert problem(refused) == (422, "validation_failed")

        body = {"password": PASSWORD, "code": fresh(app)}
        assert hana.call("DELETE", "/auth/factors/totp", body).status_code == 204
        assert log_in(http).status_code == 200
        assert problem(hana.call("DELETE", "/auth/factors/totp", body)) == (404, "not_found")


class TestLogIn:
    def test_asks_for_a_code(self, http: FlaskClient, recovery: list[str]) -> None:
        answer = log_in(http)

        assert problem(answer) == (401, "second_factor_required")
        assert "WWW-Authenticate" in answer.headers

    def test_does_not_tell_of_it_without_the_password(
        self, http: FlaskClient, recovery: list[str]
    ) -> None:
        body = {"email": "hana@example.com", "password": "wrong", "code": recovery[0]}

        assert problem(post(http, "login", body)) == (401, "invalid_credentials")

    def test_refuses_a_wrong_code(self, http: FlaskClient, recovery: list[str]) -> None:
        for wrong in ("000000", "ኮድ", "x" * 4000):
            assert problem(log_in(http, code=wrong)) == (401, "second_factor_invalid")

    def test_takes_a_code_once(
        self, http: FlaskClient, app: pyotp.TOTP, recovery: list[str]
    ) -> None:
        code = fresh(app)

        assert log_in(http, code=code).status_code == 200
        assert problem(log_in(http, code=code)) == (401, "second_factor_invalid")

    def test_takes_a_recovery_code_once(
        self, http: FlaskClient, hana: Customer, recovery: list[str]
    ) -> None:
        assert log_in(http, code=recovery[3].upper()).status_code == 200
        assert problem(log_in(http, code=recovery[3])) == (401, "second_factor_invalid")
        (listed,) = hana.call("GET", "/auth/factors").get_json()
        assert listed["recovery_codes_left"] == 9

    @pytest.mark.parametrize("kind", ["app", "recovery"])
    def test_takes_a_code_once_however_many_come_at_once(
        self, container: Container, app: pyotp.TOTP, recovery: list[str], kind: str
    ) -> None:
        code = {"app": fresh(app), "recovery": recovery[0]}[kind]
        clients = [container.http().test_client() for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda it: log_in(it, code=code), clients))

        assert sorted(it.status_code for it in answers) == [200] + [401] * 7


@pytest.fixture(scope="module")
def strict(database_url: str, redis_url: str) -> Iterator[Container]:
    where = {"NEXUS_ENV": "test", "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    strict = read_container(where | {"REQUIRE_TOTP_FOR": "staff", "RATE_LIMITS": "off"})
    strict.passwords.override(providers.Object(CHEAP))
    yield strict
    close(strict)


class TestStaffWhoMustHaveOne:
    def test_may_do_nothing_before_they_set_it_up(self, strict: Container) -> None:
        boss = admin(strict)

        made = boss.call("POST", "/auth/tokens", {"name": "Import"}).get_json()["token"]
        program = {"Authorization": f"Bearer {made}"}
        http = strict.http().test_client()

        for path in ("/addresses", "/users", "/products", "/cart"):
            for headers in (boss.headers, program):
                answer = http.get(f"/api/v1{path}", headers=headers)
                assert problem(answer) == (403, "second_factor_setup_required")
        assert boss.call("GET", "/users/me").status_code == 200
        assert boss.call("GET", "/auth/sessions").status_code == 200

    def test_may_do_everything_as_soon_as_they_have(self, strict: Container) -> None:
        boss = admin(strict)
        begun = boss.call("POST", "/auth/factors/totp", {"password": PASSWORD})
        code = pyotp.TOTP(begun.get_json()["secret"]).now()

        boss.call("POST", "/auth/factors/totp/confirm", {"code": code})

        assert boss.call("GET", "/users").status_code == 200

    def test_are_staff_alone(self, strict: Container) -> None:
        assert customer(strict).call("GET", "/addresses").status_code == 200
