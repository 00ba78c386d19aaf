"""A customer over HTTP, as any client would be one."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from nexus.bootstrap import Container
from tests.people import PASSWORD


class Customer:
    """Somebody signed in; every call carries the access token."""

    def __init__(self, http: FlaskClient, email: str) -> None:
        self._http = http
        signed_in = http.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        self.tokens: dict[str, Any] = signed_in.get_json()
        self.id: str = self.tokens["user"]["id"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access']}"}

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self._http.open(f"/api/v1{path}", method=method, json=body, headers=self.headers)


def post(http: FlaskClient, path: str, body: Any) -> TestResponse:
    """Call one of the routes that open accounts and sessions."""
    return http.post(f"/api/v1/auth/{path}", json=body)


def problem(answer: TestResponse) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def customer(container: Container, email: str = "hana@example.com") -> Customer:
    container.ensure_customer()(email=email, password=PASSWORD)
    return Customer(container.http().test_client(), email)


def admin(container: Container, email: str = "admin@example.com") -> Customer:
    container.ensure_admin()(email=email, password=PASSWORD)
    return Customer(container.http().test_client(), email)


def let_pass(container: Container, time: timedelta) -> None:
    """Move what has happened to sessions into the past."""
    move = text(
        "UPDATE sessions SET rotated_at = rotated_at - :t, last_used_at = last_used_at - :t"
    )
    with container.engine().begin() as db:
        db.execute(move, {"t": time})
