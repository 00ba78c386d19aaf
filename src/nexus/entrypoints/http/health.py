"""Whether the process lives, and whether what it stands on answers."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from nexus.entrypoints.http.access import ANYONE, open_to

Check = Callable[[], object]


def health_blueprint(*, checks: Mapping[str, Check]) -> Blueprint:
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    @open_to(ANYONE)
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    @blueprint.get("/readyz")
    @open_to(ANYONE)
    def ready() -> tuple[Response, int]:
        states = {name: _state(check) for name, check in checks.items()}
        well = all(state == "ok" for state in states.values())
        return jsonify(status="ok" if well else "unavailable", checks=states), 200 if well else 503

    return blueprint


def _state(check: Check) -> Any:
    """Say which kind of failure it was, and nothing about where the dependency lives."""
    try:
        check()
    except Exception as error:
        return f"unavailable: {type(error).__name__}"
    return "ok"
