"""What surrounds every request: its id, its log line, and what no request may carry."""

import re
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars

from nexus.domain.shared import new_id
from nexus.entrypoints.http.bodies import check_text
from nexus.entrypoints.http.problems import problem

log = structlog.get_logger()
NAME = "nexus.http"
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_QUIET = {"/healthz", "/readyz"}


def install_conversation(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def request_id_of(given: str) -> str:
    """Return the id that the caller gave, or a new one."""
    return given if _ID.fullmatch(given) else str(new_id())


def _begin() -> Response | None:
    g.request_id = request_id_of(request.headers.get("X-Request-ID", ""))
    bind_contextvars(request_id=g.request_id)
    g.started = time.perf_counter()
    if "\0" in request.path or "\ufffd" in request.path:
        return problem(404, "not_found")
    for name, value in request.args.items(multi=True):
        check_text(name, "_")
        check_text(value, name)
    return None


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.path not in _QUIET:
        log.info("request", logger=NAME, **_facts(response))
    return response


def _facts(response: Response) -> dict[str, object]:
    return {
        "method": request.method,
        "route": str(request.url_rule) if request.url_rule else None,
        "path": request.path,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    }
