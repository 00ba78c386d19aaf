"""Answers of the public catalogue: ready bytes, named so that nobody fetches them twice."""

import re
from hashlib import sha256
from typing import Any

import orjson
from flask import Response, request

from nexus.domain.shared import Money, PreconditionFailed
from nexus.entrypoints.http.access import caller_or_none

# What a shared cache keeps it must ask about: a write is to be seen by the next read.
FOR_ALL, FOR_ONE = "public, max-age=0, must-revalidate", "private, no-cache"

_CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
_VERSION = re.compile(r"[0-9]{1,18}")


def json_bytes(value: Any) -> bytes:
    """Write DTOs as the documented schemas would, many times faster."""
    return orjson.dumps(
        value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_UTC_Z
    )


def tagged(value: Any, status: int = 200) -> Response:
    """Return the value with its strong ETag, or 304 to whoever has it already.

    The tag of a thing that has versions begins with its version: `If-Match` looks at that alone,
    so that a sale in the meantime does not spoil an edit.
    """
    content = json_bytes(value)
    name = sha256(content).hexdigest()[:24]
    version = getattr(value, "version", None)
    response = Response(content, status, content_type="application/json")
    response.set_etag(name if version is None else f"{version}-{name}")
    return conditional(response)


def conditional(response: Response) -> Response:
    """Say who may keep the answer, and send it only to who has not got it."""
    response.headers["Cache-Control"] = FOR_ONE if caller_or_none() else FOR_ALL
    response.headers["Vary"] = "Authorization"
    if _CONDITIONS.isdisjoint(request.environ):
        return response
    response.make_conditional(request)
    if response.status_code == 412:
        raise PreconditionFailed
    return response


def created(value: Any, path: str) -> Response:
    response = tagged(value, 201)
    response.headers["Location"] = f"{path}/{value.id}"
    return response


def expected_versions() -> frozenset[int] | None:
    """Return the versions that `If-Match` allows, or None where it allows every one."""
    if not request.headers.get("If-Match") or request.if_match.star_tag:
        return None
    versions = (tag.partition("-")[0] for tag in request.if_match.as_set())
    return frozenset(int(it) for it in versions if _VERSION.fullmatch(it))


def _plain(value: Any) -> Any:
    if hasattr(value, "document"):
        return orjson.Fragment(value.document)
    if isinstance(value, Money):
        return value.text
    names = value.__dataclass_fields__
    return {name: getattr(value, name) for name in names if name != "version"}
