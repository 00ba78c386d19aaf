"""Chapa, version 1 of its API, over requests."""

import hashlib
import hmac
import json
import logging
import re
import threading
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from requests import PreparedRequest, RequestException, Response, Session, Timeout

from nexus.application.ports.gateways import (
    GatewayUnavailable,
    InvalidSignature,
    MalformedWebhook,
    Outcome,
    PaymentDeclined,
    PaymentRequest,
    StartedPayment,
    Verified,
    WebhookNews,
)
from nexus.domain.shared import Money

log = logging.getLogger("nexus.chapa")

CONNECT_SECONDS, QUEUE_SECONDS = 3, 1
PAID = "charge.success"
LONGEST_TITLE, LONGEST_DESCRIPTION = 16, 50
_OUTCOMES = {
    "success": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "failed/cancelled": Outcome.FAILED,
    "cancelled": Outcome.CANCELLED,
    # The money was there, and has gone back without our asking.
    "refunded": Outcome.FAILED,
    "reversed": Outcome.FAILED,
}
_UNKNOWN_TO_CHAPA = {400, 404}
_Answer = dict[str, Any]


class ChapaGateway:
    provider = "chapa"
    currencies = frozenset({"ETB", "USD"})

    def __init__(
        self,
        *,
        base_url: str,
        secret_key: str,
        webhook_secret: str,
        timeout_seconds: float,
        most_calls: int = 2,
    ) -> None:
        self.mode = "test" if secret_key.startswith("CHASECK_TEST") else "live"
        self._base_url = base_url
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret.encode()
        self._timeout = (min(CONNECT_SECONDS, timeout_seconds), timeout_seconds)
        self._threads = threading.local()
        # While Chapa hangs, the other threads of this process have a shop to run.
        self._lines = threading.BoundedSemaphore(most_calls)

    def start(self, request: PaymentRequest) -> StartedPayment:
        answer, status = self._call("POST", "/transaction/initialize", _initialization(request))
        if status == 200 and answer.get("status") == "success":
            return StartedPayment(self._checkout_url(answer))
        reason = json.dumps(answer.get("message"))[:200]
        # Our first call with this reference got through after all, without our hearing of it.
        if "used before" in reason:
            raise GatewayUnavailable(self.provider)
        raise PaymentDeclined(self.provider, reason)

    def verify(self, reference: str) -> Verified:
        path = f"/transaction/verify/{quote(reference, safe='')}"
        answer, status = self._call("GET", path)
        data = answer.get("data")
        # The outer status says that the lookup worked; only the inner one is of the payment.
        if status == 200 and isinstance(data, dict):
            return _verified(data)
        if status == 200 or status in _UNKNOWN_TO_CHAPA:
            return Verified(Outcome.PENDING, reference)
        raise GatewayUnavailable(self.provider)

    def cancel(self, reference: str) -> None:
        self._call("PUT", f"/transaction/cancel/{quote(reference, safe='')}")

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNews:
        """Take `x-chapa-signature` alone: `chapa-signature` is a constant, whatever the body."""
        sent = {name.lower(): value for name, value in headers.items()}
        signature = hmac.new(self._webhook_secret, body, "sha256").hexdigest()
        given = sent.get("x-chapa-signature", "").lower()
        if not self._webhook_secret or not hmac.compare_digest(signature.encode(), given.encode()):
            raise InvalidSignature
        try:
            message = _read_object(body)
        except ValueError as error:
            raise MalformedWebhook from error
        nested = message.get("data")
        facts = nested if isinstance(nested, dict) else message
        kind = _word(message.get("event")) or "unknown"
        return WebhookNews(
            key=hashlib.sha256(body).hexdigest(),
            kind=kind,
            reference=_word(facts.get("tx_ref")),
            amount=_amount(facts) if kind == PAID else None,
        )

    def _checkout_url(self, answer: _Answer) -> str:
        data = answer.get("data")
        url = data.get("checkout_url") if isinstance(data, dict) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            return url
        raise GatewayUnavailable(self.provider)

    def _call(self, method: str, path: str, body: _Answer | None = None) -> tuple[_Answer, int]:
        """Return a JSON answer; whatever else comes leaves the outcome unknown."""
        if not self._lines.acquire(timeout=QUEUE_SECONDS):
            _complain(path, "every line is busy")
            raise GatewayUnavailable(self.provider, timed_out=True)
        try:
            return self._ask(method, path, body)
        finally:
            self._lines.release()

    def _ask(self, method: str, path: str, body: _Answer | None) -> tuple[_Answer, int]:
        try:
            response = self._session().request(
                method,
                self._base_url + path,
                json=body,
                auth=self._authorise,
                timeout=self._timeout,
                allow_redirects=False,
            )
            answer = _read_object(response.content)
        except (RequestException, ValueError) as error:
            _complain(path, type(error).__name__)
            is_late = isinstance(error, Timeout)
            raise GatewayUnavailable(self.provider, timed_out=is_late) from error
        if _says_nothing(response):
            _complain(path, f"{response.status_code} {answer.get('message')}")
            raise GatewayUnavailable(self.provider)
        return answer, response.status_code

    def _authorise(self, request: PreparedRequest) -> PreparedRequest:
        # As `auth`, and not as a header, which a .netrc file would override.
        request.headers["Authorization"] = f"Bearer {self._secret_key}"
        return request

    def _session(self) -> Session:
        """Return this thread's own: sessions keep connections, and are not safe to share."""
        if not hasattr(self._threads, "session"):
            self._threads.session = Session()
        session: Session = self._threads.session
        return session


def _complain(path: str, reason: str) -> None:
    log.warning("no usable answer", extra={"path": path, "reason": reason[:200]})


def _says_nothing(response: Response) -> bool:
    """Whether the answer is about the call (our key, the load, a breakdown), not the payment."""
    return response.status_code >= 500 or response.status_code in {401, 403, 429}


def _initialization(request: PaymentRequest) -> _Answer:
    optional = {
        "email": request.email,
        "first_name": request.first_name,
        "last_name": request.last_name,
        "phone_number": _phone(request.phone or ""),
    }
    return {
        "amount": request.amount.text,
        "currency": request.amount.currency,
        "tx_ref": request.reference,
        "callback_url": request.callback_url,
        "return_url": request.return_url,
        "customization": {
            "title": _plain(request.title, LONGEST_TITLE) or "Payment",
            "description": _plain(request.description, LONGEST_DESCRIPTION) or "Order",
        },
    } | {name: value for name, value in optional.items() if value}


def _plain(text: str, longest: int) -> str:
    """Keep what Chapa lets stand in a title; of Amharic, that is nothing."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9_. -]", " ", ascii_only).split()
    return " ".join(words)[:longest].strip()


def _phone(phone: str) -> str | None:
    """Write it as Chapa wants it, 09… or 07…; other numbers are left out."""
    local = re.sub(r"^\+251", "0", phone)
    return local if re.fullmatch(r"0[79][0-9]{8}", local) else None


def _verified(data: _Answer) -> Verified:
    status = str(data.get("status"))
    outcome = _OUTCOMES.get(status, Outcome.PENDING)
    failed = outcome in (Outcome.FAILED, Outcome.CANCELLED)
    return Verified(
        outcome=outcome,
        reference=str(data.get("tx_ref")),
        amount=_amount(data),
        mode=_word(data.get("mode")),
        provider_reference=_word(data.get("reference")),
        method=_word(data.get("method")),
        failure_reason=status if failed else None,
    )


def _read_object(body: bytes) -> _Answer:
    """Parse a JSON object; raise ValueError if it is anything else."""
    try:
        value = json.loads(body, parse_float=Decimal)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _amount(facts: _Answer) -> Money | None:
    """Read an amount, written as a number or as text."""
    try:
        return Money.parse(str(facts.get("amount")), _currency(facts.get("currency")))
    except ValueError:
        return None


def _currency(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value):
        return value
    raise ValueError("not a currency")


def _word(value: Any) -> str | None:
    """Take over a short word as it is; anything longer or stranger is not one of Chapa's."""
    is_word = isinstance(value, str) and re.fullmatch(r"[\w./ -]{1,64}", value, re.ASCII)
    return value if is_word else None
