"""The worker of the web server, which refuses in the API's words what is not even a request."""

from http import HTTPStatus
from typing import Any

import orjson
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from nexus.domain.shared import new_id

STATUS: dict[type[Exception], HTTPStatus] = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
CODES = {HTTPStatus.BAD_REQUEST: "malformed_request", HTTPStatus.REQUEST_URI_TOO_LONG: "too_long"}


# gunicorn carries no types, and what it calls a worker has to be one of its own.
class WebWorker(ThreadWorker):  # type: ignore[misc]
    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("not a request: %s", type(exc).__name__)
        try:
            write_nonblock(client, refusal(STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)))
        except OSError:
            self.log.debug("nobody waits for the refusal")


def refusal(status: HTTPStatus) -> bytes:
    """Return a whole response: a problem, after which the connection is closed."""
    code = CODES.get(status, status.phrase.lower().replace(" ", "_"))
    request_id = str(new_id())
    body = orjson.dumps(
        {
            "type": f"/problems/{code.replace('_', '-')}",
            "title": code.replace("_", " ").capitalize(),
            "status": status.value,
            "detail": f"{status.phrase}.",
            "code": code,
            "instance": "",
            "request_id": request_id,
        }
    )
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-ID: {request_id}",
    )
    return "\r\n".join((*lines, "\r\n")).encode() + body
