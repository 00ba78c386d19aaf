from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from nexus.application.inventory import AdjustStock
from nexus.application.ports.catalog import StockLevel, StockQueries
from nexus.domain.inventory import MOST_UNITS, AdjustmentReason, Movement
from nexus.entrypoints.http.access import current_caller, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE
from nexus.entrypoints.http.paging import (
    Envelope,
    PageQuery,
    envelope,
    page_schema,
    page_wanted,
)
from nexus.entrypoints.http.schemas import Moment, Text, Whole


class Adjustment(Schema):
    """Units counted in (above 0) or out (below 0)."""

    delta = Whole(
        required=True,
        validate=validate.Range(min=-MOST_UNITS, max=MOST_UNITS),
        metadata={"example": 25},
    )
    reason = fields.Enum(AdjustmentReason, by_value=True, required=True)
    note = Text(most=500, load_default="")


class ShownLevel(Schema):
    """What is on the shelf, what of it is promised to orders, and what is left."""

    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    available = fields.Integer(required=True)
    low_stock_threshold = fields.Integer(required=True)


class ShownMovement(Schema):
    """A line of the ledger: `delta` is of what is on the shelf, `reserved_delta` of promises."""

    id = fields.UUID(required=True)
    variant_id = fields.UUID(required=True)
    delta = fields.Integer(required=True, attribute="on_hand_delta")
    reserved_delta = fields.Integer(required=True)
    reason = fields.String(required=True)
    note = fields.String(required=True)
    order_id = fields.UUID(required=True, allow_none=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    on_hand_after = fields.Integer(required=True)
    reserved_after = fields.Integer(required=True)
    created_at = Moment(required=True)


def stock_blueprint(*, adjust_stock: AdjustStock, queries: StockQueries) -> Routes:
    blueprint = Routes("stock", __name__, description="Stock levels and their ledger")

    @blueprint.get("/variants/<uuid:variant_id>/stock")
    @blueprint.response(200, ShownLevel)
    @open_to(staff(CATALOG_WRITE))
    def show_level(variant_id: UUID) -> StockLevel:
        """Show how much there is of a variant."""
        return queries.level(variant_id)

    @blueprint.post("/variants/<uuid:variant_id>/stock/adjustments")
    @blueprint.arguments(Adjustment)
    @blueprint.response(201, ShownMovement)
    @open_to(staff(CATALOG_WRITE))
    def adjust(body: dict[str, Any], variant_id: UUID) -> Movement:
        """Count units in or out; never below what is promised."""
        return adjust_stock(**body, variant_id=variant_id, actor_id=current_caller().user_id)

    @blueprint.get("/variants/<uuid:variant_id>/stock/movements")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_schema(ShownMovement))
    @open_to(staff(CATALOG_WRITE))
    def list_movements(query: dict[str, Any], variant_id: UUID) -> Envelope:
        """Show every change of the level, latest first."""
        page = page_wanted(query)
        return envelope(queries.movements(variant_id, page), page)

    return blueprint
