"""The OpenAPI document and its two readers, served from our own origin."""

import re
from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask_swagger_ui
import orjson
from flask import Blueprint, Flask, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as WerkzeugResponse

from nexus.entrypoints.http.access import ADMIN, ANYONE, Access, Door, open_to

_SWAGGER = Path(str(files(flask_swagger_ui))) / "dist"
_CHANGES = {"put", "patch", "delete"}
_METHODS = {"get", "post"} | _CHANGES
# The blueprints of what is changed by who has seen the latest of it alone, if they say so.
_VERSIONED = {"categories", "collections", "images", "locations", "products", "variants"}
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Nexus API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body>{body}</body></html>"""
# What Swagger UI and ReDoc need, from our own origin alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:;"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# Who reads our documentation is no business of those who made the reader.
_REDOC = '<redoc spec-url="/api/openapi.json" disable-telemetry="true"></redoc>'
_SWAGGER_INIT = """SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#ui", deepLinking: true,
persistAuthorization: true, defaultModelsExpandDepth: 0});"""


def _redoc_folder() -> Path:
    """Find ReDoc's bundle in the package that carries it, which is never imported."""
    spec = find_spec("flask_openapi_redoc")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("flask-openapi-redoc is not installed")
    return Path(spec.submodule_search_locations[0]) / "templates" / "redoc" / "js"


def docs_blueprint(*, document: Callable[[], bytes]) -> Blueprint:
    """Serve the document that `document` returns, once the application is complete."""
    blueprint = Blueprint("docs", __name__)
    redoc = _redoc_folder()

    @blueprint.after_request
    def allow_own_scripts(response: Response) -> Response:
        if response.mimetype == "text/html" and response.status_code == 200:
            response.headers["Content-Security-Policy"] = _POLICY
        return response

    @blueprint.get("/")
    @open_to(ANYONE)
    def home() -> WerkzeugResponse:
        return redirect("/api/docs")

    @blueprint.get("/api/openapi.json")
    @open_to(ANYONE)
    def openapi() -> Response:
        return Response(document(), content_type="application/json")

    @blueprint.get("/api/docs")
    @open_to(ANYONE)
    def swagger() -> str:
        scripts = ("swagger-ui-bundle.js", "init.js")
        return _PAGE.format(
            head='<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">',
            body='<div id="ui"></div>'
            + "".join(f'<script src="/api/docs/assets/{name}"></script>' for name in scripts),
        )

    @blueprint.get("/api/docs/assets/<path:name>")
    @open_to(ANYONE)
    def swagger_asset(name: str) -> Response:
        if name == "init.js":
            return Response(_SWAGGER_INIT, content_type="text/javascript")
        return send_from_directory(_SWAGGER, name, max_age=86_400)

    @blueprint.get("/api/redoc")
    @open_to(ANYONE)
    def redoc_page() -> str:
        # The bundle is a module: as a plain script it is a syntax error.
        script = '<script type="module" src="/api/redoc/assets/redoc.standalone.js"></script>'
        return _PAGE.format(head="", body=f"{_REDOC}{script}")

    @blueprint.get("/api/redoc/assets/<path:name>")
    @open_to(ANYONE)
    def redoc_asset(name: str) -> Response:
        return send_from_directory(redoc, name, max_age=86_400)

    return blueprint


def openapi_document(app: Flask, spec: dict[str, Any]) -> bytes:
    """Add to each operation what every route has: who may call it, and how it refuses."""
    spec["components"].setdefault("securitySchemes", {}).update(
        bearer={
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of a log-in, or an API token (`nxs_…`).",
        },
        cartToken={"type": "apiKey", "in": "header", "name": "X-Cart-Token"},
    )
    # The library's own responses promise application/json, which no refusal is.
    spec["components"]["responses"] = {"Problem": spec["components"]["responses"]["Problem"]}
    endpoints = {
        (_path(str(rule)), method.lower()): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, item in spec["paths"].items():
        for parameter in item.get("parameters", ()):
            parameter["description"] = _named_in_path(parameter["name"])
        for method in _METHODS & item.keys():
            endpoint = endpoints[path, method]
            _describe(item[method], app.view_functions[endpoint])
            if method in _CHANGES and endpoint.partition(".")[0] in _VERSIONED:
                _add_parameter(item[method], _IF_MATCH)
    return orjson.dumps(spec, default=float)


def _path(rule: str) -> str:
    """Turn Flask's `<uuid:x>` into OpenAPI's `{x}`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _named_in_path(name: str) -> str:
    noun = name.removesuffix("_id").replace("_", " ")
    return _IN_PATHS[name] if noun == name else f"The id of the {noun}."


def _describe(operation: dict[str, Any], view: Any) -> None:
    access: Access = view.access
    refusals = {code for code in operation["responses"] if code >= "400"}
    if access.door in (Door.CUSTOMER, Door.STAFF):
        refusals |= {"401", "403"}
    operation["security"] = _SECURITY[access.door]
    operation["responses"] |= dict.fromkeys(refusals | {"default"}, _PROBLEM)
    if access.permission:
        who = "Administrators" if access == ADMIN else f"Staff with `{access.permission}`"
        told = f"{who}.\n\n{operation.get('description', '')}"
        operation["description"] = told.strip()
    if access.in_person:
        told = f"{operation.get('description', '')}\n\nNot open to API tokens."
        operation["description"] = told.strip()
    if getattr(view, "idempotent", False):
        _add_parameter(operation, _IDEMPOTENCY_KEY)


def _add_parameter(operation: dict[str, Any], parameter: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(parameter)


_PROBLEM = {"$ref": "#/components/responses/Problem"}
_SECURITY: dict[Door, list[dict[str, list[str]]]] = {
    Door.ANYONE: [],
    Door.VISITOR: [{}, {"bearer": []}, {"cartToken": []}],
    Door.CUSTOMER: [{"bearer": []}],
    Door.STAFF: [{"bearer": []}],
}
_IN_PATHS = {
    "category": "The id or slug of the category.",
    "code": "The code of the coupon.",
    "collection": "The id or slug of the collection.",
    "product": "The id or slug of the product.",
    "provider": "The payment provider, such as `chapa`.",
    "ref": "The id or number of the order.",
    "token": "The end of the link that was shared.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Repeating the request with the same key gives the first answer again, for a day: "
        "what is asked for is done once, whatever dies on the way."
    ),
    "schema": {"type": "string", "maxLength": 255},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` of what was seen; 412 if it has changed since.",
    "schema": {"type": "string"},
}
