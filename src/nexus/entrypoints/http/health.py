"""Whether the process lives, and whether what it stands on answers."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from nexus.entrypoints.http.access import ANYONE, open_to

Check = Callable[[], object]
OK = "ok"


def health_blueprint(*, needed: Mapping[str, Check], helpful: Mapping[str, Check]) -> Blueprint:
    """Answer /healthz and /readyz. Without what is merely helpful the shop still sells."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    @open_to(ANYONE)
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    @blueprint.get("/readyz")
    @open_to(ANYONE)
    def ready() -> tuple[Response, int]:
        states = {name: _state(check) for name, check in {**needed, **helpful}.items()}
        if any(states[name] != OK for name in needed):
            return jsonify(status="unavailable", checks=states), 503
        well = all(state == OK for state in states.values())
        return jsonify(status=OK if well else "degraded", checks=states), 200

    return blueprint


def _state(check: Check) -> Any:
    """Say which kind of failure it was, and nothing about where the dependency lives."""
    try:
        check()
    except Exception as error:
        return f"unavailable: {type(error).__name__}"
    return OK
