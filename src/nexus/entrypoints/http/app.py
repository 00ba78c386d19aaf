"""The web application: blueprints in, WSGI out."""

from collections.abc import Callable, Sequence
from typing import Any

import flask_smorest
import orjson
from flask import Blueprint, Flask, Request
from flask.json.provider import JSONProvider
from flask.sessions import SessionInterface
from flask_cors import CORS

from nexus.application.limits import Attempt
from nexus.entrypoints.http.access import Caller, guard, require_declarations
from nexus.entrypoints.http.bodies import install_bodies
from nexus.entrypoints.http.conversation import install_conversation
from nexus.entrypoints.http.docs import docs_blueprint, openapi_document
from nexus.entrypoints.http.hardening import hardened, headers_of_all, keep_private
from nexus.entrypoints.http.paths import API, canonical_paths
from nexus.entrypoints.http.problems import Problem, install_problems
from nexus.entrypoints.http.proxies import behind_proxies
from nexus.entrypoints.http.ready import Ready, install_ready, ready_first
from nexus.entrypoints.http.uploads import install_uploads
from nexus.settings import Settings

ABOUT = """The shop's API. Errors are RFC 9457 problems whose `code` is stable; money is a decimal
string beside its `currency`; times are RFC 3339 in UTC; lists come in pages."""

ALLOWED = [
    *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("X-Cart-Token", "X-Order-Token", "X-Request-ID"),
]
EXPOSED = [
    *("ETag", "Idempotent-Replayed", "Location", "Retry-After", "X-Request-ID"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
]


class Json(JSONProvider):
    """orjson, which writes UUIDs and dates by itself."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


class NoSessions(SessionInterface):
    """Who calls is told by tokens, so nothing is read from a cookie, nor written to one."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


def http_app(
    settings: Settings,
    *blueprints: Blueprint,
    identify: Callable[[], Caller | None],
    ready: Ready,
    count_reads: Callable[[str], Attempt | None],
    install: Sequence[Callable[[Flask], object]] = (),
) -> Flask:
    """Put the application together; refuse to if a route does not say who may call it."""
    app = Flask("nexus", static_folder=None)
    app.json = Json(app)
    app.session_interface = NoSessions()
    app.config.update(
        API_TITLE="Nexus",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": ABOUT}},
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        CURRENCY=settings.default_currency,
        TEST_ADDRESSES=settings.nexus_env != "production",
        PAGE_SIZE=settings.page_size,
        PAGE_SIZE_MAX=settings.page_size_max,
        SECRET_KEY=settings.secret_key,
        SECURE_COOKIES=settings.nexus_env == "production",
        TRUSTED_HOSTS=list(settings.allowed_hosts) or None,
    )
    https = settings.nexus_env == "production"
    vary = "Authorization, Origin" if settings.cors_origins else "Authorization"
    told = headers_of_all(https=https)
    wsgi = hardened(app.wsgi_app, told)
    wsgi = ready_first(wsgi, ready, headers=(*told, ("Vary", vary)), count=count_reads)
    wsgi = canonical_paths(wsgi, aliases=settings.seed_aliases)
    if settings.trusted_proxies:
        wsgi = behind_proxies(wsgi, trusted=settings.trusted_proxies)
    # Flask documents this as the way to wrap an application, and mypy knows no such way.
    app.wsgi_app = wsgi  # type: ignore[method-assign, assignment]
    if settings.cors_origins:
        # Without credentials: a shop of another origin sends its tokens as headers.
        CORS(
            app,
            origins=list(settings.cors_origins),
            allow_headers=ALLOWED,
            expose_headers=EXPOSED,
            max_age=600,
        )
    app.url_map.merge_slashes = False
    install_conversation(app)
    install_uploads(app)
    install_bodies(app)
    keep_private(app)
    install_ready(ready, app)
    api = install_problems(app)
    guard(app, identify)
    for step in install:
        step(app)
    register(app, api, blueprints)
    return app


def register(app: Flask, api: flask_smorest.Api, blueprints: Sequence[Blueprint]) -> None:
    documented = [it for it in blueprints if isinstance(it, flask_smorest.Blueprint)]
    content = {"application/problem+json": {"schema": Problem}}
    api.spec.components.response("Problem", {"description": "A problem", "content": content})
    for blueprint in documented:
        api.register_blueprint(blueprint, url_prefix=API)
    for blueprint in blueprints:
        if blueprint not in documented:
            app.register_blueprint(blueprint)
    document: list[bytes] = []
    app.register_blueprint(docs_blueprint(document=lambda: document[0]))
    require_declarations(app)
    document.append(openapi_document(app, api.spec.to_dict()))
