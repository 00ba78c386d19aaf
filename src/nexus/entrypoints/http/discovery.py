from flask import Response
from marshmallow import Schema, fields, validate

from nexus.application.ports.discovery import DiscoveryQueries, Suggestions
from nexus.entrypoints.http.access import VISITOR, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.etags import tagged
from nexus.entrypoints.http.ready import Shows, ready
from nexus.entrypoints.http.schemas import Text

NOTHING = Suggestions("[]")


class SuggestQuery(Schema):
    """What has been typed so far."""

    q = Text(required=True, most=100, metadata={"example": "lap"})


class Suggestion(Schema):
    type = fields.String(required=True, validate=validate.OneOf(["product", "category"]))
    id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"example": "Gaming laptop"})
    slug = fields.String(required=True, metadata={"example": "gaming-laptop"})
    image_url = fields.String(required=True, allow_none=True)


def discovery_blueprint(*, queries: DiscoveryQueries) -> Routes:
    blueprint = Routes("discovery", __name__, description="Products: found, shown and kept")

    @blueprint.get("/products/suggest")
    @blueprint.arguments(SuggestQuery, location="query")
    @blueprint.response(200, Suggestion(many=True))
    @ready(Shows.LISTS)
    @open_to(VISITOR)
    def suggest(query: dict[str, str]) -> Response:
        """Complete what is being typed.

        At most ten: categories, then products, those that sell best first. A word of the name
        begins as it is typed, or a SKU does; where nothing does, words that are like it are found.
        """
        return tagged(queries.suggestions(query["q"]) if query["q"] else NOTHING)

    return blueprint
