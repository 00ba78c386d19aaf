"""Calls over real HTTP that are taken at their word by nobody."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, TypeVar

import requests

T = TypeVar("T")
PATIENCE = 20


class Lie(Exception):
    """Something is not as the contract says; the message tells what."""


def require(true: object, otherwise: str) -> None:
    if not true:
        raise Lie(otherwise)


def wait_for(look: Callable[[], T | None], *, what: str, seconds: float = PATIENCE) -> T:
    """Look until there is something to be seen; raise Lie if there never is."""
    deadline = monotonic() + seconds
    while not (found := look()):
        if monotonic() > deadline:
            raise Lie(f"after {seconds:g} s still no {what}")
        sleep(0.05)
    return found


@dataclass
class Caller:
    """Somebody who calls one server: a customer, a member of staff, a browser."""

    base: str
    token: str | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        # A proxy has no business on this machine.
        self.session.trust_env = False

    def answer(self, method: str, path: str, **content: Any) -> requests.Response:
        """Return whatever is answered; raise Lie if nothing is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= content.pop("headers", {})
        url = path if path.startswith("http") else f"{self.base}{path}"
        try:
            return self.session.request(
                method, url, headers=headers, timeout=30, allow_redirects=False, **content
            )
        except requests.RequestException as error:
            raise Lie(f"{method} {path}: {error}") from error

    def call(self, method: str, path: str, *, expect: int = 200, **content: Any) -> Any:
        """Return the JSON of an answer with the expected status; raise Lie for any other."""
        response = self.answer(method, path, **content)
        require(
            response.status_code == expect,
            f"{method} {path} answers {response.status_code}, not {expect}: {response.text[:400]}",
        )
        return response.json() if response.content else None

    def log_in(self, email: str, password: str) -> dict[str, Any]:
        """Sign in, for all calls to come."""
        body = {"email": email, "password": password}
        signed_in: dict[str, Any] = self.call("POST", "/auth/login", json=body)
        self.token = signed_in["access"]
        return signed_in


@dataclass(frozen=True)
class Mailbox:
    """The sandbox's mailbox, as one address sees it."""

    sandbox: Caller
    address: str

    def mails(self, kind: str) -> list[dict[str, Any]]:
        found = self.sandbox.call("GET", "/mailbox/messages", params={"to": self.address})
        return [mail for mail in found if mail["kind"] == kind]

    def wait(self, kind: str) -> dict[str, Any]:
        """Return the one mail of this kind; raise Lie if it does not come, or comes twice."""
        mails = wait_for(lambda: self.mails(kind), what=f"mail of the kind {kind}")
        require(len(mails) == 1, f"{len(mails)} mails of the kind {kind} came, not one")
        return mails[0]
