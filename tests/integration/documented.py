"""What the OpenAPI document promises of each route, for tests to hold the routes to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from nexus.entrypoints.http.access import Access, access_of
from nexus.entrypoints.http.paths import API

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SAMPLES = {"uuid": "00000000-0000-7000-8000-000000000000", "date-time": "2030-01-01T00:00:00Z"}
_PLAIN: dict[str, Any] = {"string": "word", "integer": 1, "number": 1, "boolean": True}


@dataclass(frozen=True)
class Route:
    """A way into the shop; `operation` is what the document says of it, if anything."""

    method: str
    rule: str
    access: Access
    parameters: tuple[str, ...]
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    def path(self, values: dict[str, str]) -> str:
        """Return an address of its form; fail on a parameter that the values do not name."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda it: values[it[1]], self.rule)


class Document:
    def __init__(self, app: Flask) -> None:
        self._spec = app.test_client().get("/api/openapi.json").get_json()
        self.routes = sorted(self._routes(app), key=lambda it: METHODS.index(it.method))

    def _routes(self, app: Flask) -> Iterator[Route]:
        for rule in app.url_map.iter_rules():
            access = access_of(app, rule.endpoint)
            assert access, f"{rule} does not say who may call it"
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield Route(
                    method, str(rule), access, tuple(rule.arguments), self._of(rule, method)
                )

    def _of(self, rule: Rule, method: str) -> dict[str, Any]:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule))
        found: dict[str, Any] = self._spec["paths"].get(path, {}).get(method.lower(), {})
        assert found or not path.startswith(API), f"{method} {rule} is not documented"
        return found

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def body(self, route: Route) -> dict[str, Any] | None:
        """Return the schema of the JSON body that it takes, or None."""
        content = route.operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return self.resolved(schema) if schema else None

    def names(self, route: Route, where: tuple[str, ...]) -> set[str]:
        """Return what the body, or the object at this path of it, has names for."""
        schema = self.body(route) or {}
        for name in where:
            inner = schema["items"] if schema.get("type") == "array" else schema["properties"][name]
            schema = self.resolved(inner)
        return set(schema["properties"])

    def sample(self, route: Route) -> Any:
        """Return a body as the document would have it: its example, or one made of its fields'."""
        content = route.operation.get("requestBody", {}).get("content", {})
        told = content.get("application/json", {})
        return told.get("example") or self.value(told.get("schema", {}))

    def value(self, schema: dict[str, Any]) -> Any:
        schema = self.resolved(schema)
        if "example" in schema:
            return schema["example"]
        if "enum" in schema:
            return schema["enum"][0]
        kinds = schema.get("type", "object")
        kind = kinds[0] if isinstance(kinds, list) else kinds
        if kind == "array":
            return [self.value(schema["items"])] if schema.get("minItems") else []
        if kind == "object":
            needed = schema.get("required") or list(schema.get("properties", {}))[:1]
            return {name: self.value(schema["properties"][name]) for name in needed}
        return _SAMPLES.get(schema.get("format", ""), _PLAIN[kind])

    def surplus(self, route: Route, status: int, answer: Any) -> list[str]:
        """Return the paths of what stands in an answer and not in what the document promises."""
        responses = route.operation.get("responses", {})
        content = responses.get(str(status), {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return [] if schema is None else list(self._surplus(schema, answer, ""))

    def _surplus(self, schema: dict[str, Any], answer: Any, path: str) -> Iterator[str]:
        schema = self.resolved(schema)
        schema = next((it for it in schema.get("anyOf", ()) if "$ref" in it), schema)
        schema = self.resolved(schema)
        if isinstance(answer, list):
            for each in answer:
                yield from self._surplus(schema.get("items", {}), each, f"{path}[]")
        elif isinstance(answer, dict) and "properties" in schema:
            for name, each in answer.items():
                if name not in schema["properties"]:
                    yield f"{path}.{name}"
                else:
                    yield from self._surplus(schema["properties"][name], each, f"{path}.{name}")
