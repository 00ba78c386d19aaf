"""What Chapa tells the shop by itself: signed webhooks, and the callback."""

from __future__ import annotations

import hmac
import json
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from requests import RequestException, Session

from nexus.entrypoints.sandbox.bodies import EVENTS, Body, event, refund_event
from nexus.entrypoints.sandbox.config import SandboxConfig
from nexus.entrypoints.sandbox.faults import Fault, Faults
from nexus.entrypoints.sandbox.state import Exchange, SandboxState
from nexus.entrypoints.sandbox.transactions import Refund, Transaction

PATIENCE = 10
TIMING = {Fault.WEBHOOK_LOST, Fault.WEBHOOK_LATE, Fault.WEBHOOK_DUPLICATE}


def sign(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, "sha256").hexdigest()


def as_php_writes(body: Body) -> bytes:
    """Escape every slash and letter that PHP escapes, so that only the raw bytes verify."""
    return json.dumps(body, separators=(",", ":")).replace("/", r"\/").encode()


def spoilt(body: Body, faults: Faults) -> Body:
    """Return the body as the faults would have it."""
    changes = {}
    if Fault.WEBHOOK_WRONG_AMOUNT in faults:
        changes["amount"] = f"{float(body['amount']) / 2:.2f}"
    if Fault.WEBHOOK_WRONG_CURRENCY in faults:
        changes["currency"] = "ETB" if body["currency"] == "USD" else "USD"
    if Fault.WEBHOOK_UNKNOWN_TX in faults:
        changes["tx_ref"] = f"unknown-{body['tx_ref']}"
    return body | changes


def status_of(method: str, url: str, **content: Any) -> int | None:
    """Return what was answered, or None if nobody did."""
    with Session() as session:
        # A proxy named in the environment knows nothing of loopback addresses.
        session.trust_env = False
        try:
            answer = session.request(
                method, url, timeout=PATIENCE, allow_redirects=False, **content
            )
        except RequestException:
            return None
        return answer.status_code


class Deliveries:
    """Calls the shop in the background; what is still under way ends with a reset."""

    def __init__(self, config: SandboxConfig, state: SandboxState) -> None:
        self.webhook_url = config.webhook_url
        self._config = config
        self._state = state
        self._halted = Event()
        self._pool = ThreadPoolExecutor(16, thread_name_prefix="delivery")

    def announce(self, transaction: Transaction, *, patiently: bool = False) -> None:
        """Send the webhook and the callback; wait for both only if asked to."""
        faults = self._state.faults_of(transaction)
        webhooks = self._webhook(event(transaction), faults)
        callback = self._callback(transaction)
        if patiently or Fault.WEBHOOK_BEFORE_RETURN in faults:
            wait(webhooks)
        if patiently:
            wait(callback)

    def announce_refund(self, transaction: Transaction, refund: Refund) -> None:
        self._webhook(refund_event(transaction, refund), self._state.faults_of(transaction))

    def resend(self, transaction: Transaction, faults: Faults, *, patiently: bool = False) -> None:
        """Send the webhook once more, at once, whatever has held it up before."""
        sent = self._webhook(event(transaction), faults - TIMING)
        if patiently:
            wait(sent)

    def forget(self) -> None:
        self._halted.set()
        self._halted = Event()

    def close(self) -> None:
        self._halted.set()
        self._pool.shutdown(cancel_futures=True)

    def _webhook(self, body: Body, faults: Faults) -> list[Future[None]]:
        if Fault.WEBHOOK_LOST in faults:
            return []
        raw = as_php_writes(spoilt(body, faults))
        headers = self._signatures(raw, faults)
        delay = self._config.webhook_late_by if Fault.WEBHOOK_LATE in faults else 0
        times = 2 if Fault.WEBHOOK_DUPLICATE in faults else 1
        return [
            self._pool.submit(self._send_webhook, raw, headers, delay, self._halted)
            for _ in range(times)
        ]

    def _signatures(self, raw: bytes, faults: Faults) -> dict[str, str]:
        secret = self._config.chapa_webhook_secret
        if Fault.WEBHOOK_BAD_SIGNATURE in faults:
            secret = f"not {secret}"
        return {
            "Content-Type": "application/json",
            "chapa-signature": sign(secret.encode(), secret),
            "x-chapa-signature": sign(raw, secret),
        }

    def _callback(self, transaction: Transaction) -> list[Future[None]]:
        if not (url := transaction.callback_url):
            return []
        _, status = EVENTS[transaction.status]
        told = {"trx_ref": transaction.tx_ref, "ref_id": transaction.reference, "status": status}
        return [self._pool.submit(self._send_callback, url, told, self._halted)]

    def _send_webhook(
        self, raw: bytes, headers: dict[str, str], delay: float, halted: Event
    ) -> None:
        """Repeat it until the shop answers 200, as Chapa does, only much sooner."""
        retries = [self._config.webhook_retry_after] * (self._config.webhook_tries - 1)
        for pause in (delay, *retries):
            if halted.wait(pause):
                return
            status = status_of("POST", self.webhook_url, data=raw, headers=headers)
            self._record("POST", self.webhook_url, status, json.loads(raw), halted)
            if status == 200:
                return

    def _send_callback(self, url: str, told: dict[str, str], halted: Event) -> None:
        status = status_of("GET", url, params=told)
        self._record("GET", url, status, told, halted)

    def _record(self, method: str, url: str, status: int | None, body: Any, halted: Event) -> None:
        if not halted.is_set():
            path = urlsplit(url).path
            self._state.record(
                Exchange(direction="out", method=method, path=path, status=status, body=body)
            )
