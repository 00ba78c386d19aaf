"""Files that come as multipart/form-data: larger than other bodies, and never held as a whole."""

from collections.abc import Callable
from typing import Any, TypeVar

import marshmallow
from flask import Flask, Request, current_app, request
from marshmallow import ValidationError, fields
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from nexus.domain.shared import invalid
from nexus.entrypoints.http.bodies import Routes, StrictParser, check_text

View = TypeVar("View", bound=Callable[..., Any])

MULTIPART = "multipart/form-data"
# What a form says beside its file, with what separates the parts.
_BESIDE = 64 * 1024
_MOST_PARTS = 20


def takes_file(most: int) -> Callable[[View], View]:
    """Let a view take a file of so many bytes, whatever other bodies are limited to."""

    def declare(view: View) -> View:
        vars(view)["most_bytes"] = most + _BESIDE
        return view

    return declare


def install_uploads(app: Flask) -> None:
    app.before_request(_widen)


def _widen() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if most := getattr(view, "most_bytes", None):
        request.max_content_length = most
        request.max_form_parts = _MOST_PARTS


_SHOWN = {"type": "string", "format": "binary"}


class Upload(fields.Field[FileStorage]):
    """A file of a form, to be read from where it lies."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata=_SHOWN, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> FileStorage:
        return _sent(value)


class File(fields.Field[bytes]):
    """One file of a form, as its bytes; what it is called is nobody's concern."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(metadata=_SHOWN | {"description": f"At most {most} bytes."}, **kwargs)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        content = _sent(value).stream.read(self._most + 1)
        if len(content) > self._most:
            raise RequestEntityTooLarge
        return content


def _sent(value: Any) -> FileStorage:
    if isinstance(value, FileStorage):
        return value
    raise ValidationError("Send a file.")


class FormParser(StrictParser):
    """Lets in multipart/form-data alone; each field and file of it once."""

    DEFAULT_UNKNOWN_BY_LOCATION = StrictParser.DEFAULT_UNKNOWN_BY_LOCATION | {"files": None}

    def load_files(self, req: Request, schema: marshmallow.Schema) -> Any:
        if req.mimetype != MULTIPART:
            raise UnsupportedMediaType(f"Send {MULTIPART}.")
        sent = [*req.form.items(multi=True), *req.files.items(multi=True)]
        found: dict[str, Any] = {}
        for name, value in sent:
            check_text(name, "_")
            if isinstance(value, str):
                check_text(value, name)
            if name in found:
                raise invalid(name, "Send it once.")
            found[name] = value
        return found


class FileRoutes(Routes):
    """A blueprint whose `files` are all that a form holds."""

    ARGUMENTS_PARSER = FormParser()
