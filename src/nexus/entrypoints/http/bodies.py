"""What is let in: JSON that fits the database, and blueprints that parse nothing else."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

import flask
import marshmallow
from flask import Flask, request
from flask_smorest import Blueprint
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from nexus.domain.shared import ValidationFailed, invalid

DEEPEST = 32
LARGEST = 2**63 - 1
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def install_bodies(app: Flask) -> None:
    app.before_request(_gather_chunks)


def _gather_chunks() -> None:
    """Read at once what comes in chunks: nobody has checked yet how long it is, nor how whole."""
    if "Transfer-Encoding" not in request.headers:
        return
    try:
        body = request.get_data()
    except HTTPException:
        raise
    except Exception as error:
        # Each server has a class of its own for chunks that are none.
        raise BadRequest("The body cannot be read.") from error
    # What lies beyond is cut off without a word.
    if request.max_content_length and len(body) >= request.max_content_length:
        raise RequestEntityTooLarge


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def read_json(raw: bytes) -> Any:
    """Parse a body; raise BadRequest for what is not JSON, ValidationFailed for bad text."""
    try:
        value = json.loads(
            raw.decode(), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error
    _check(value, "", 0)
    return value


def _check(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise BadRequest("The body is nested too deeply.")
    if isinstance(value, str):
        check_text(value, path)
    elif isinstance(value, int | Decimal) and not -LARGEST <= value <= LARGEST:
        raise invalid(path or "_", "Number out of range.")
    elif isinstance(value, dict):
        for name, each in value.items():
            check_text(name, path)
            _check(each, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check(each, f"{path}.{index}" if path else str(index), depth + 1)


def check_text(text: str, path: str) -> None:
    """Refuse what PostgreSQL cannot hold: NUL, and halves of a surrogate pair."""
    if _UNSTORABLE.search(text):
        raise invalid(path.encode(errors="replace").decode() or "_", "Invalid character.")


def flat(messages: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Turn marshmallow's nested messages into `field.path` and its list."""
    if isinstance(messages, Mapping):
        for name, each in messages.items():
            inner = "" if name in ("_schema", "json", "query", "form", "files") else str(name)
            yield from flat(each, ".".join(filter(None, (path, inner))))
    else:
        texts = messages if isinstance(messages, list) else [messages]
        yield path or "_", [str(text) for text in texts]


class StrictParser(FlaskParser):
    """Lets in application/json alone, strictly read; says what is wrong by field path."""

    def load_json(self, req: flask.Request, schema: marshmallow.Schema) -> Any:
        raw = req.get_data()
        if not raw:
            return {}
        if not core.is_json(req.mimetype):
            raise UnsupportedMediaType("Send application/json.")
        return read_json(raw)

    def load_querystring(self, req: flask.Request, schema: marshmallow.Schema) -> Any:
        """Read from a plain dictionary: a MultiDict raises for each parameter that is missing."""
        return req.args.to_dict()

    def handle_error(
        self,
        error: marshmallow.ValidationError,
        req: flask.Request,
        schema: marshmallow.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        raise ValidationFailed(dict(flat(error.messages))) from error


class Routes(Blueprint):
    """A blueprint of this API: strict bodies, and the first segment of its tag."""

    ARGUMENTS_PARSER = StrictParser()

    def arguments(self, schema: Any, **kwargs: Any) -> Any:
        """Read with one schema for all requests: making one costs more than reading with it."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **kwargs)
