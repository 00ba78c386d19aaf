"""Public answers that lie ready: given as they are, before the application does anything else."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.http import is_resource_modified

from nexus.application.limits import Attempt
from nexus.application.ports.ready import Edition, Editions, Freshness, ReadyAnswer, ReadyAnswers
from nexus.entrypoints.http.catalog_fields import sees_hidden
from nexus.entrypoints.http.conversation import NAME, request_id_of
from nexus.entrypoints.http.etags import FOR_ALL, conditional
from nexus.entrypoints.http.guests import COOKIE
from nexus.entrypoints.http.limits import address_of, standing_of
from nexus.entrypoints.http.paths import API, Wsgi

log = structlog.get_logger()
P = ParamSpec("P")

PUBLIC = tuple(f"{API}/{it}" for it in ("products", "categories", "collections", "variants"))
# Who can be told from others may have written something, and is to see it.
KNOWN_BY = ("HTTP_AUTHORIZATION", "HTTP_X_CART_TOKEN", "HTTP_X_ORDER_TOKEN")
# The edition in which nothing lay ready for this request, so that nobody looks twice.
_READY, _MISSED = "nexus.ready", "nexus.missed"
# Whoever has the answer already is sent none of it, though it was made as a whole.
_WHOLE = (200, 304)
_OK, _NOT_MODIFIED = "200 OK", "304 NOT MODIFIED"


class Shows(Enum):
    """What an answer shows, which decides for how long it may lie ready."""

    CATEGORIES = "categories"
    LISTS = "lists"
    PRODUCTS = "products"


def freshness_of(*, products: int, categories: int) -> Mapping[Shows, Freshness]:
    """Return it for what may be kept that many seconds while nobody changes the catalogue.

    A product shows its stock as it is; a list may be behind the sales by a second, so that a shop
    that sells something every moment does not make all its lists anew every moment.
    """
    return {
        Shows.CATEGORIES: Freshness(categories),
        Shows.LISTS: Freshness(products, sales=1.0),
        Shows.PRODUCTS: Freshness(products, sales=0.0),
    }


@dataclass(frozen=True)
class Ready:
    """Where answers lie ready, and for how long each kind of them."""

    answers: ReadyAnswers
    editions: Editions
    freshness: Mapping[Shows, Freshness]

    def edition(self, *, at_once: bool) -> Edition | None:
        """Return the current edition; None while nobody can tell, or nothing is to be kept."""
        return self.editions.current(at_once=at_once) if self.is_on else None

    @property
    def is_on(self) -> bool:
        return any(it.seconds for it in self.freshness.values())


def install_ready(ready: Ready, app: Flask) -> None:
    app.extensions[_READY] = ready


def ready(shows: Shows) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Keep what a view answers to everybody; staff who see more are never given anything kept."""

    def declare(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            shelf: Ready = current_app.extensions[_READY]
            freshness = shelf.freshness[shows]
            missed: Edition | None = request.environ.get(_MISSED)
            edition = missed or shelf.edition(at_once=is_known(request.environ))
            if edition is None or not freshness.seconds or sees_hidden():
                return view(*args, **kwargs)
            key = key_of(request.environ)
            if missed is None and (found := shelf.answers.find(key, edition)):
                return _given(found)
            with shelf.answers.alone(key, edition) as found:
                if found:
                    return _given(found)
                begun = time.time()
                response = view(*args, **kwargs)
                if response.status_code in _WHOLE:
                    shelf.answers.keep(key, _kept(response, edition, begun, freshness))
                return response

        return answer

    return declare


def _kept(response: Response, edition: Edition, begun: float, freshness: Freshness) -> ReadyAnswer:
    """Return what is kept: as old as the moment before anything was read for it."""
    etag = response.headers["ETag"]
    route = str(request.url_rule)
    return ReadyAnswer(response.get_data(), etag, route, edition, begun, freshness)


def _given(found: ReadyAnswer) -> Response:
    response = Response(found.body, content_type="application/json")
    response.headers["ETag"] = found.etag
    return conditional(response)


def is_known(environ: Mapping[str, Any]) -> bool:
    return any(it in environ for it in KNOWN_BY) or COOKIE in environ.get("HTTP_COOKIE", "")


def key_of(environ: Mapping[str, Any]) -> str:
    """Return the question: links in the answer name the host, and parameters have no order.

    No query holds a line break, and no path is taken for one, whatever is written in it.
    """
    asked = environ.get("QUERY_STRING", "")
    if "&" in asked:
        asked = "&".join(sorted(asked.split("&"), key=_name))
    host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
    root = environ.get("SCRIPT_NAME", "")
    return f"{environ['wsgi.url_scheme']}://{host}{root}{environ['PATH_INFO']}\n{asked}"


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def ready_first(
    wsgi: Wsgi,
    ready: Ready,
    *,
    headers: Sequence[tuple[str, str]],
    count: Callable[[str], Attempt | None],
) -> Wsgi:
    """Wrap the application, so that what lies ready for everybody is given without it."""
    for_all = [("Content-Type", "application/json"), ("Cache-Control", FOR_ALL), *headers]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun = time.perf_counter()
        if not _may_be_ready(environ):
            return wsgi(environ, start_response)
        edition = ready.edition(at_once=is_known(environ))
        found = ready.answers.find(key_of(environ), edition) if edition else None
        if found is None:
            environ[_MISSED] = edition
            return wsgi(environ, start_response)
        attempt = count(address_of(environ.get("REMOTE_ADDR", "")))
        if attempt and attempt.retry_after is not None:
            return wsgi(environ, start_response)
        request_id = request_id_of(environ.get("HTTP_X_REQUEST_ID", ""))
        own = [("ETag", found.etag), ("X-Request-ID", request_id), *standing_of(attempt)]
        status, body = _outcome(found, environ)
        if body:
            own.append(("Content-Length", str(len(body))))
        start_response(status, for_all + own)
        _tell(found, environ, request_id, status, begun)
        return [body]

    return application


def _may_be_ready(environ: Mapping[str, Any]) -> bool:
    """Callers with a token, and pages of other origins, are told more than the answer."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ["PATH_INFO"].startswith(PUBLIC)
        and "HTTP_AUTHORIZATION" not in environ
        and "HTTP_ORIGIN" not in environ
        and "HTTP_IF_MATCH" not in environ
    )


def _outcome(found: ReadyAnswer, environ: dict[str, Any]) -> tuple[str, bytes]:
    if "HTTP_IF_NONE_MATCH" not in environ or is_resource_modified(environ, found.etag):
        return _OK, found.body
    return _NOT_MODIFIED, b""


def _tell(
    found: ReadyAnswer, environ: Mapping[str, Any], request_id: str, status: str, begun: float
) -> None:
    log.info(
        "request",
        logger=NAME,
        request_id=request_id,
        method="GET",
        route=found.route,
        path=environ["PATH_INFO"],
        status=int(status[:3]),
        ms=round((time.perf_counter() - begun) * 1000, 1),
    )
