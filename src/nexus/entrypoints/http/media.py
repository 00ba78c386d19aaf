"""Pictures, as they lie below the media root."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from nexus.entrypoints.http.access import ANYONE, open_to

MEDIA = "/media/"
# A path is never written twice, so what was fetched once may be kept.
_FOR_GOOD = "public, max-age=31536000, immutable"


def media_blueprint(*, root: str) -> Blueprint:
    blueprint = Blueprint("media", __name__)
    directory = Path(root).resolve()

    @blueprint.get(f"{MEDIA}<path:path>")
    @open_to(ANYONE)
    def picture(path: str) -> Response:
        response = send_from_directory(directory, path)
        response.headers["Cache-Control"] = _FOR_GOOD
        return response

    return blueprint
