"""A running sandbox, and a shop that only listens, for the tests of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from nexus.entrypoints.sandbox.config import SandboxConfig
from nexus.entrypoints.sandbox.server import RunningSandbox, running_sandbox

PATIENCE = 5
KEY = SandboxConfig.chapa_secret_key
TX = "NX-000001-1"


@dataclass(frozen=True)
class Visit:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Shop:
    """Notes who calls, and answers with the statuses laid out, then always 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def receive(self, visit: Visit) -> int:
        with self.changed:
            self.visits.append(visit)
            self.changed.notify_all()
            return self.statuses.pop(0) if self.statuses else 200

    def called(self, times: int) -> list[Visit]:
        """Wait until there were that many calls, and return all there are."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.visits) >= times, PATIENCE)
            return list(self.visits)


@contextmanager
def listening_shop() -> Iterator[Shop]:
    shop = Shop()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            visit = Visit(self.command, parts.path, parse_qs(parts.query), headers, raw)
            self.send_response(shop.receive(visit))
            self.end_headers()

        do_GET = do_POST  # noqa: N815 (the name is http.server's)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Stage:
    sandbox: RunningSandbox
    shop: Shop
    http: requests.Session

    def call(self, method: str, path: str, **content: Any) -> requests.Response:
        settled = {"allow_redirects": False, "timeout": PATIENCE} | content
        return self.http.request(method, self.sandbox.base_url + path, **settled)

    def chapa(self, method: str, path: str, **content: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {KEY}"} | content.pop("headers", {})
        return self.call(method, f"/chapa/v1{path}", headers=headers, **content)

    def payment(self, **changes: Any) -> dict[str, Any]:
        return {
            "amount": "1500.50",
            "currency": "ETB",
            "tx_ref": TX,
            "email": "abebe@nexus.test",
            "first_name": "አበበ",
            "phone_number": "0911223344",
            "callback_url": f"{self.shop.url}/callback",
            "return_url": f"{self.shop.url}/orders/1",
            "customization": {"title": "Nexus", "description": "Order NX-000001"},
        } | changes

    def initialize(self, **changes: Any) -> requests.Response:
        return self.chapa("POST", "/transaction/initialize", json=self.payment(**changes))

    def verify(self, tx_ref: str = TX) -> requests.Response:
        return self.chapa("GET", f"/transaction/verify/{tx_ref}")

    def complete(self, tx_ref: str = TX, **wanted: Any) -> requests.Response:
        body = {"outcome": "success", "wait": True} | wanted
        return self.call("POST", f"/control/transactions/{tx_ref}/complete", json=body)

    def scenario(self, *faults: str) -> None:
        answer = self.call("POST", "/control/scenario", json={"faults": faults})
        assert answer.status_code == 200

    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.call("GET", "/control/log").json()
        return entries


@contextmanager
def set_stage(**settings: Any) -> Iterator[Stage]:
    quick = {"timeout": 0.3, "webhook_retry_after": 0.01, "webhook_late_by": 0.3}
    with listening_shop() as shop, requests.Session() as http:
        config = SandboxConfig(
            port=0, smtp_port=0, webhook_url=f"{shop.url}/webhooks/chapa", **quick | settings
        )
        http.trust_env = False
        with running_sandbox(config) as sandbox:
            yield Stage(sandbox, shop, http)
