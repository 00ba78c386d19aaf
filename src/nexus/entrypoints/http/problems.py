"""Every error leaves as application/problem+json (RFC 9457), from here alone."""

import logging
import re
from typing import Any

import orjson
from flask import Flask, Response, g, request
from flask_smorest import Api
from marshmallow import INCLUDE, Schema, fields
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WsgiResponse

from nexus.application.limits import RateLimited
from nexus.application.ports.gateways import GatewayUnavailable, MalformedWebhook, PaymentDeclined
from nexus.domain.shared import (
    Conflict,
    Forbidden,
    Invalid,
    NexusError,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger("nexus.http")

STATUS: dict[type[NexusError], int] = {
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Unauthenticated: 401,
    PreconditionFailed: 412,
    Invalid: 422,
    Unavailable: 503,
    PaymentDeclined: 502,
    MalformedWebhook: 400,
    RateLimited: 429,
}
CODES = {
    400: "malformed_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    412: "precondition_failed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_failed",
    429: "rate_limited",
    503: "service_unavailable",
}


class Problem(Schema):
    """What went wrong (RFC 9457). `code` is stable, and what a program tests."""

    class Meta:
        # The fields of a refusal stand beside these.
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


def problem(
    status: int, code: str, detail: str | None = None, members: dict[str, Any] | None = None
) -> Response:
    """Return the problem document of this status; `members` stand at its top level."""
    title = code.replace("_", " ").capitalize()
    body: dict[str, Any] = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail or f"{title}.",
        "code": code,
        "instance": request.path,
        "request_id": g.get("request_id", ""),
    }
    body = members | body if members else body
    content = orjson.dumps(body, default=str)
    response = Response(content, status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="nexus"'
    if status in (429, 503):
        response.headers["Retry-After"] = str(body.get("retry_after", 1))
    return response


def refuse(error: NexusError) -> Response:
    return problem(_status(error), _code(error), error.detail, error.members())


def _status(error: NexusError) -> int:
    if isinstance(error, GatewayUnavailable):
        return 504 if error.timed_out else 502
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _code(error: NexusError) -> str:
    """Name what is not found by its kind alone, so that absent and another's look alike."""
    return "not_found" if isinstance(error, NotFound) else error.code


def refuse_http(error: HTTPException) -> WsgiResponse:
    """Turn Flask's and werkzeug's own errors into problems; redirects pass as they are."""
    if error.response is not None or not error.code or error.code < 400:
        return error.get_response()
    code = CODES.get(error.code, re.sub(r"\W+", "_", error.name).lower())
    response = problem(error.code, code, error.description)
    response.headers.extend(
        [(name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After")]
    )
    return response


def refuse_unforeseen(error: Exception) -> Response:
    log.exception("unforeseen", exc_info=error)
    return problem(500, "internal_error")


class ProblemApi(Api):
    ERROR_SCHEMA = Problem

    def handle_http_exception(self, error: HTTPException) -> WsgiResponse:
        return refuse_http(error)


def install_problems(app: Flask) -> Api:
    app.register_error_handler(NexusError, refuse)
    app.register_error_handler(Exception, refuse_unforeseen)
    return ProblemApi(app)
