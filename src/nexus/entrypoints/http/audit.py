from typing import Any

from marshmallow import Schema, fields

from nexus.application.ports.audit import AuditFilter, AuditQueries
from nexus.entrypoints.http.access import ADMIN, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.paging import Envelope, PageQuery, envelope, page_schema, page_wanted
from nexus.entrypoints.http.schemas import Moment, Text


class AuditQuery(PageQuery):
    actor = fields.UUID(metadata={"description": "The id of whoever did it."})
    action = Text(most=80, metadata={"description": "What was done.", "example": "product.changed"})
    entity = Text(most=40, metadata={"description": "To what kind of thing.", "example": "product"})
    entity_id = fields.UUID(metadata={"description": "To the thing with this id."})
    created_after = Moment(metadata={"description": "Later than this."})


class ShownAuditEntry(Schema):
    """What somebody did; `before` and `after` hold the fields that changed."""

    id = fields.UUID(required=True)
    at = Moment(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    actor_kind = fields.String(required=True, metadata={"example": "staff"})
    action = fields.String(required=True, metadata={"example": "product.changed"})
    entity = fields.String(required=True, metadata={"example": "product"})
    entity_id = fields.UUID(required=True, allow_none=True)
    before = fields.Dict(required=True, metadata={"example": {"facts.price": "100.00 ETB"}})
    after = fields.Dict(required=True, metadata={"example": {"facts.price": "120.00 ETB"}})
    request_id = fields.String(required=True)
    ip = fields.String(required=True, allow_none=True)


def audit_blueprint(*, queries: AuditQueries) -> Routes:
    blueprint = Routes("audit", __name__, description="Who did what")

    @blueprint.get("/audit")
    @blueprint.arguments(AuditQuery, location="query")
    @blueprint.response(200, page_schema(ShownAuditEntry))
    @open_to(ADMIN)
    def list_entries(query: dict[str, Any]) -> Envelope:
        """List what staff changed and what bears on security, the latest first."""
        wanted = page_wanted(query)
        return envelope(queries.entries(wanted, AuditFilter(**query)), wanted)

    return blueprint
