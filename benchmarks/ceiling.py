"""The ceiling: bare Flask that gives bytes which lie ready, and nothing else."""

import json
import os
from pathlib import Path

from flask import Flask, Response, request

ANSWERS = "CEILING_ANSWERS"


def application() -> Flask:
    app = Flask("ceiling")
    kept = json.loads(Path(os.environ[ANSWERS]).read_text())
    answers = {path: body.encode() for path, body in kept.items()}

    @app.get("/api/v1/<path:_>")
    def answer(_: str) -> Response:
        asked = request.environ["RAW_URI"]
        return Response(answers[asked], content_type="application/json")

    return app
