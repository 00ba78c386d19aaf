"""Chapa's adapter against the sandbox, which is as strict and as fickle as the real one."""

import hmac
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from nexus.adapters.chapa import ChapaGateway
from nexus.application.ports.gateways import GatewayUnavailable, Outcome, PaymentDeclined
from nexus.domain.shared import Money
from tests.contracts.gateway import PRICE, GatewayContract, payment_request
from tests.integration.sandbox_stage import KEY, Stage, set_stage

SECRET = "chapa-webhook-local"
PAID = {"event": "charge.success", "tx_ref": "nx-1", "amount": "1500.50", "currency": "ETB"}
NOWHERE = "http://127.0.0.1:9"


def gateway(base_url: str, *, key: str = KEY) -> ChapaGateway:
    return ChapaGateway(
        base_url=base_url, secret_key=key, webhook_secret=SECRET, timeout_seconds=0.2
    )


def sign(body: bytes) -> dict[str, str]:
    return {"x-chapa-signature": hmac.new(SECRET.encode(), body, "sha256").hexdigest()}


@dataclass
class SandboxCashier:
    stage: Stage
    gateway: ChapaGateway

    def pay(self, reference: str) -> None:
        assert self.stage.complete(reference, method="telebirr").status_code == 200

    def decline(self, reference: str) -> None:
        assert self.stage.complete(reference, outcome="failed").status_code == 200

    def fall_silent(self) -> None:
        self.stage.scenario("verify_timeout", "initialize_timeout")

    def webhook(self, reference: str) -> tuple[bytes, dict[str, str]]:
        self.pay(reference)
        visit = self.stage.shop.called(1)[-1]
        return visit.raw, visit.headers

    def sign(self, body: bytes) -> dict[str, str]:
        return sign(body)


@pytest.fixture(
    scope="module",
    params=[{}, {"unpaid_is_not_found": False, "unknown_status": 400, "amounts_as_text": True}],
    ids=["null_and_404", "pending_and_400"],
)
def open_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with set_stage(**request.param) as stage:
        yield stage


@pytest.fixture
def stage(open_stage: Stage) -> Stage:
    open_stage.call("POST", "/control/reset")
    open_stage.shop.visits.clear()
    return open_stage


@pytest.fixture
def chapa(stage: Stage) -> ChapaGateway:
    return gateway(f"{stage.sandbox.base_url}/chapa/v1")


class TestChapaGateway(GatewayContract):
    @pytest.fixture
    def cashier(self, stage: Stage, chapa: ChapaGateway) -> SandboxCashier:
        return SandboxCashier(stage, chapa)

    def test_sends_what_chapa_takes_of_amharic_names_and_long_titles(
        self, stage: Stage, chapa: ChapaGateway
    ) -> None:
        chapa.start(payment_request("sends"))

        (sent,) = (it["body"] for it in stage.log() if it["path"].endswith("/initialize"))
        assert sent["amount"] == "1500.50"
        assert sent["phone_number"] == "0911223344"
        assert "last_name" not in sent
        assert sent["customization"] == {
            "title": "Sons Addis Ababa",
            "description": "Order NX-2026-000001 and much much more of it",
        }

    @pytest.mark.parametrize("fault", ["initialize_5xx", "initialize_html", "initialize_timeout"])
    def test_leaves_the_outcome_open_unless_chapa_refuses(
        self, stage: Stage, chapa: ChapaGateway, fault: str
    ) -> None:
        stage.scenario(fault)

        with pytest.raises(GatewayUnavailable) as refusal:
            chapa.start(payment_request("open"))

        assert refusal.value.timed_out is (fault == "initialize_timeout")

    def test_tells_the_amount_that_chapa_took(self, stage: Stage, chapa: ChapaGateway) -> None:
        wanted = payment_request("took")
        chapa.start(wanted)
        stage.complete(wanted.reference, faults=["verify_wrong_amount"])

        assert chapa.verify(wanted.reference).amount == Money(750_25)

    def test_takes_no_constant_for_a_signature(self, chapa: ChapaGateway) -> None:
        constant = hmac.new(SECRET.encode(), SECRET.encode(), "sha256").hexdigest()

        with pytest.raises(Exception, match="invalid_signature"):
            chapa.read_webhook(b"{}", {"chapa-signature": constant})

    def test_does_not_take_a_key_of_the_other_mode(self, stage: Stage) -> None:
        live = gateway(f"{stage.sandbox.base_url}/chapa/v1", key="CHASECK-of-somebody-else")

        assert live.mode == "live"
        with pytest.raises(GatewayUnavailable):
            live.verify("nx-1")


@pytest.fixture
def answering() -> Iterator[Any]:
    """Return a gateway to a server that always gives the same answer."""
    with ExitStack() as stack:

        def serve(status: int, body: bytes) -> ChapaGateway:
            class Door(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    self.rfile.read(int(self.headers.get("Content-Length", 0)))
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                do_POST = do_GET  # noqa: N815 (as the standard library names them)

                def log_message(self, *_: Any) -> None: ...

            server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            for step in (thread.join, server.server_close, server.shutdown):
                stack.callback(step)
            return gateway(f"http://127.0.0.1:{server.server_port}")

        yield serve


class TestWhatChapaMayAnswer:
    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, b"<html>we are back soon</html>"),
            (200, b""),
            (200, b"[]"),
            (200, b"\xff\xfe"),
            (200, b"[" * 100_000),
            (302, b"{}"),
            (401, b'{"message":"Invalid API Key","status":"failed","data":null}'),
            (429, b'{"message":"Too many requests"}'),
            (503, b'{"status":"success","data":{"status":"success"}}'),
        ],
    )
    def test_is_unknown_when_it_is_not_about_the_payment(
        self, answering: Any, status: int, body: bytes
    ) -> None:
        with pytest.raises(GatewayUnavailable):
            answering(status, body).verify("nx-1")

    @pytest.mark.parametrize(
        ("inner", "outcome"),
        [
            ("success", Outcome.SUCCEEDED),
            ("failed", Outcome.FAILED),
            ("failed/cancelled", Outcome.FAILED),
            ("cancelled", Outcome.CANCELLED),
            ("reversed", Outcome.FAILED),
            ("pending", Outcome.PENDING),
            ("something new", Outcome.PENDING),
            (None, Outcome.PENDING),
            ({"status": "success"}, Outcome.PENDING),
        ],
    )
    def test_is_read_from_the_inner_status_alone(
        self, answering: Any, inner: Any, outcome: Outcome
    ) -> None:
        answer = {"status": "success", "data": {"status": inner, "tx_ref": "nx-1"}}

        assert answering(200, json.dumps(answer).encode()).verify("nx-1").outcome is outcome

    @pytest.mark.parametrize(
        ("amount", "currency", "read"),
        [
            ("100", "ETB", Money(100_00)),
            ('"100.50"', "ETB", Money(100_50)),
            ("100.5", "USD", Money(100_50, "USD")),
            ("100.505", "ETB", None),
            ("null", "ETB", None),
            ('"NaN"', "ETB", None),
            ("1e400", "ETB", None),
            ('"1E+999999"', "ETB", None),
            ("100", "birr", None),
        ],
    )
    def test_names_an_amount_as_number_or_text(
        self, answering: Any, amount: str, currency: str, read: Money | None
    ) -> None:
        data = f'{{"status":"success","tx_ref":"nx-1","amount":{amount},"currency":"{currency}"}}'
        body = f'{{"status":"success","data":{data}}}'.encode()

        assert answering(200, body).verify("nx-1").amount == read

    @pytest.mark.parametrize(
        ("status", "answer"),
        [
            (400, {"message": {"email": ["validation.email"]}, "status": "failed", "data": None}),
            (404, {"message": "Payments through API is disabled", "status": "failed"}),
            (200, {"message": "no", "status": "failed", "data": None}),
        ],
    )
    def test_is_a_refusal_whatever_its_form(
        self, answering: Any, status: int, answer: dict[str, Any]
    ) -> None:
        with pytest.raises(PaymentDeclined):
            answering(status, json.dumps(answer).encode()).start(payment_request("refused"))

    def test_is_unknown_if_the_checkout_has_no_address(self, answering: Any) -> None:
        chapa = answering(200, b'{"status":"success","data":{"checkout_url":"javascript:1"}}')

        with pytest.raises(GatewayUnavailable):
            chapa.start(payment_request("nowhere"))

    def test_is_nothing_at_all(self) -> None:
        with pytest.raises(GatewayUnavailable) as refusal:
            gateway(NOWHERE).verify("nx-1")

        assert not refusal.value.timed_out


class TestSilentChapa:
    def test_keeps_only_some_threads_waiting(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as threads:
            chapa = ChapaGateway(
                base_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
                secret_key=KEY,
                webhook_secret=SECRET,
                timeout_seconds=5,
                most_calls=1,
            )
            first = threads.submit(chapa.verify, "nx-1")
            connection, _ = silent.accept()
            begun = time.monotonic()

            with pytest.raises(GatewayUnavailable) as refusal:
                chapa.verify("nx-2")

            assert refusal.value.timed_out
            assert time.monotonic() - begun < 3
            connection.close()
            assert isinstance(first.exception(), GatewayUnavailable)


class TestNewsOfChapa:
    @pytest.mark.parametrize(
        ("body", "reference", "amount"),
        [
            (PAID, "nx-1", PRICE),
            ({"event": "charge.success", "data": PAID}, "nx-1", PRICE),
            (PAID | {"event": "charge.refunded"}, "nx-1", None),
            (PAID | {"amount": "much"}, "nx-1", None),
            (PAID | {"amount": "1E+999999"}, "nx-1", None),
            ({"tx_ref": "nx\u0000", "amount": None}, None, None),
            ({"tx_ref": 5}, None, None),
            ({"type": "Payout", "reference": "r"}, None, None),
        ],
    )
    def test_may_lack_or_garble_anything(
        self, body: dict[str, Any], reference: str | None, amount: Money | None
    ) -> None:
        raw = json.dumps(body).encode()

        news = gateway(NOWHERE).read_webhook(raw, sign(raw))

        assert (news.reference, news.amount) == (reference, amount)

    def test_is_refused_while_no_secret_is_set(self) -> None:
        silent = ChapaGateway(
            base_url=NOWHERE, secret_key=KEY, webhook_secret="", timeout_seconds=1
        )
        signature = hmac.new(b"", b"{}", "sha256").hexdigest()

        with pytest.raises(Exception, match="invalid_signature"):
            silent.read_webhook(b"{}", {"x-chapa-signature": signature})
