"""The places that hold stock, which staff open, close and put in order."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from nexus.application.locations import ChangeLocation, CreateLocation, RemoveLocation
from nexus.application.ports.inventory import StockQueries
from nexus.domain.locations import CODE_MAX
from nexus.entrypoints.http.access import open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE
from nexus.entrypoints.http.etags import created, expected_versions, tagged
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.schemas import Flag, Text, Whole

_INT = 2**31 - 1
_CODE = r"[a-z0-9][a-z0-9_-]*"


class LocationChanges(Schema):
    """What may be said of a location. The lowest `priority` serves first.

    An inactive one serves nobody, and what lies there is not available.
    """

    code = Text(least=1, most=CODE_MAX, pattern=_CODE, metadata={"example": "bole"})
    name = Text(least=1, most=200, metadata={"example": "Bole warehouse"})
    priority = Whole(validate=validate.Range(min=-_INT, max=_INT))
    is_active = Flag()
    address = Text(most=500)


class LocationBody(LocationChanges):
    code = Text(required=True, least=1, most=CODE_MAX, pattern=_CODE, metadata={"example": "bole"})
    name = Text(required=True, least=1, most=200, metadata={"example": "Bole warehouse"})


class ShownLocation(Schema):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    priority = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    address = fields.String(required=True)


def locations_blueprint(
    *,
    create_location: CreateLocation,
    change_location: ChangeLocation,
    remove_location: RemoveLocation,
    queries: StockQueries,
) -> Routes:
    blueprint = Routes("locations", __name__, description="Where stock lies")

    @blueprint.get("/locations")
    @blueprint.response(200, ShownLocation(many=True))
    @open_to(staff(CATALOG_WRITE))
    def list_locations() -> Response:
        """List all locations in the order in which they serve."""
        return tagged(queries.locations())

    @blueprint.post("/locations")
    @blueprint.arguments(LocationBody, example={"code": "bole", "name": "Bole warehouse"})
    @blueprint.response(201, ShownLocation)
    @open_to(staff(CATALOG_WRITE))
    def add_location(body: dict[str, Any]) -> Response:
        """Open a location."""
        return created(queries.location(create_location(facts=body)), f"{API}/locations")

    @blueprint.get("/locations/<uuid:location_id>")
    @blueprint.response(200, ShownLocation)
    @open_to(staff(CATALOG_WRITE))
    def show_location(location_id: UUID) -> Response:
        """Show one location."""
        return tagged(queries.location(location_id))

    @blueprint.patch("/locations/<uuid:location_id>")
    @blueprint.arguments(LocationChanges, example={"priority": 1})
    @blueprint.response(200, ShownLocation)
    @open_to(staff(CATALOG_WRITE))
    def patch_location(body: dict[str, Any], location_id: UUID) -> Response:
        """Change some of a location; one where orders hold something stays active."""
        change_location(location_id=location_id, facts=body, expected=expected_versions())
        return tagged(queries.location(location_id))

    @blueprint.delete("/locations/<uuid:location_id>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def delete_location(location_id: UUID) -> None:
        """Remove a location where nothing lies any more."""
        remove_location(location_id=location_id, expected=expected_versions())

    return blueprint
