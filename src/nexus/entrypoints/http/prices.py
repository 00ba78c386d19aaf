from typing import Any

from flask import Response
from marshmallow import Schema, fields

from nexus.application.ports.prices import PriceQueries
from nexus.entrypoints.http.access import open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE
from nexus.entrypoints.http.etags import tagged
from nexus.entrypoints.http.paging import PageQuery, envelope, page_schema, page_wanted
from nexus.entrypoints.http.schemas import Amount, Moment


class AskedPrice(Schema):
    """A price and its time; `variant_id` and `sku` are null where it is the product's own."""

    variant_id = fields.UUID(required=True, allow_none=True)
    sku = fields.String(required=True, allow_none=True)
    price = Amount(required=True)
    currency = fields.String(required=True, metadata={"example": "ETB"})
    since = Moment(required=True)
    until = Moment(required=True, allow_none=True)


def prices_blueprint(*, queries: PriceQueries) -> Routes:
    blueprint = Routes("prices", __name__, description="Prices: what was asked, and when")

    @blueprint.get("/products/<product>/prices")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_schema(AskedPrice))
    @open_to(staff(CATALOG_WRITE))
    def list_prices(query: dict[str, Any], product: str) -> Response:
        """List every price that was asked for a product and its variants, latest first."""
        page = page_wanted(query)
        return tagged(envelope(queries.prices_of(product, page), page))

    return blueprint
