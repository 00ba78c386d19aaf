"""The OpenAPI document and its two readers, served from our own origin."""

from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask_swagger_ui
import orjson
from flask import Blueprint, Flask, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as WerkzeugResponse

from nexus.entrypoints.http.access import ANYONE, Door, access_of, open_to

_SWAGGER = Path(str(files(flask_swagger_ui))) / "dist"
_METHODS = {"get", "post", "put", "patch", "delete"}
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Nexus API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body>{body}</body></html>"""
_SWAGGER_INIT = """SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#ui", deepLinking: true,
persistAuthorization: true, tagsSorter: "alpha", defaultModelsExpandDepth: 0});"""


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
        body = '<redoc spec-url="/api/openapi.json"></redoc>'
        return _PAGE.format(
            head="", body=body + '<script src="/api/redoc/assets/redoc.standalone.js"></script>'
        )

    @blueprint.get("/api/redoc/assets/<path:name>")
    @open_to(ANYONE)
    def redoc_asset(name: str) -> Response:
        return send_from_directory(redoc, name, max_age=86_400)

    return blueprint


def openapi_document(app: Flask, spec: dict[str, Any]) -> bytes:
    """Add to each operation what every route has: who may call it, and how it refuses."""
    spec["components"].setdefault("securitySchemes", {}).update(
        bearer={"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        cartToken={"type": "apiKey", "in": "header", "name": "X-Cart-Token"},
    )
    accesses = {
        (_path(str(rule)), method.lower()): access_of(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, item in spec["paths"].items():
        for method in _METHODS & item.keys():
            access = accesses[path, method]
            if access is not None:
                _describe(item[method], access.door, access.permission)
    return orjson.dumps(spec, default=float)


def _path(rule: str) -> str:
    """Turn Flask's `<uuid:x>` into OpenAPI's `{x}`."""
    parts = (part.strip("<>").split(":")[-1] if "<" in part else part for part in rule.split("/"))
    return "/".join(
        f"{{{name}}}" if "<" in part else part
        for name, part in zip(parts, rule.split("/"), strict=True)
    )


def _describe(operation: dict[str, Any], door: Door, permission: str | None) -> None:
    responses = operation["responses"]
    codes = ["422", "429"]
    if door is Door.VISITOR:
        operation["security"] = [{}, {"bearer": []}, {"cartToken": []}]
    elif door is not Door.ANYONE:
        operation["security"] = [{"bearer": []}]
        codes = ["401", "403", *codes]
    else:
        operation["security"] = []
    if permission:
        operation["description"] = (
            f"Staff with `{permission}`.\n\n{operation.get('description', '')}".strip()
        )
    for code in codes:
        responses.setdefault(code, {"$ref": "#/components/responses/Problem"})
    responses.setdefault("default", {"$ref": "#/components/responses/Problem"})
