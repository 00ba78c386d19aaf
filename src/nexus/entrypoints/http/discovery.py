from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from nexus.application.ports.discovery import DiscoveryQueries, Suggestions
from nexus.entrypoints.http.access import VISITOR, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import sees_hidden
from nexus.entrypoints.http.etags import tagged
from nexus.entrypoints.http.product_query import ProductFilters, wanted_products
from nexus.entrypoints.http.ready import Shows, ready
from nexus.entrypoints.http.schemas import Text

NOTHING = Suggestions("[]")


class SuggestQuery(Schema):
    """What has been typed so far."""

    q = Text(
        required=True, most=100, metadata={"description": "What has been typed.", "example": "lap"}
    )


class Suggestion(Schema):
    type = fields.String(required=True, validate=validate.OneOf(["product", "category"]))
    id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"example": "Gaming laptop"})
    slug = fields.String(required=True, metadata={"example": "gaming-laptop"})
    image_url = fields.String(required=True, allow_none=True)


class FacetValue(Schema):
    """`label` is for people; of a price, `min_price` and `max_price` choose it."""

    value = fields.String(required=True, metadata={"example": "laptops"})
    label = fields.String(required=True, metadata={"example": "Laptops"})
    count = fields.Integer(required=True)
    min_price = fields.String(metadata={"example": "1000.00"})
    max_price = fields.String(allow_none=True, metadata={"example": "1999.99"})


class Facet(Schema):
    """`name` is the parameter of GET `/products` that chooses one of the values."""

    name = fields.String(required=True, metadata={"example": "category"})
    values = fields.List(fields.Nested(FacetValue), required=True)


def discovery_blueprint(*, queries: DiscoveryQueries) -> Routes:
    blueprint = Routes(
        "discovery", __name__, description="Products: suggested, and counted by facet"
    )

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

    @blueprint.get("/products/facets")
    @blueprint.arguments(ProductFilters, location="query")
    @blueprint.response(200, Facet(many=True))
    @ready(Shows.LISTS)
    @open_to(VISITOR)
    def count_facets(query: dict[str, Any]) -> Response:
        """Count what each further filter would leave of the products found.

        Takes the filters of GET `/products`: a value's count is that of the list which it is
        added to, in place of what has been chosen in the same facet. There are `category`, `brand`,
        `size`, `price`, `min_rating`, `in_stock`, `on_sale`, `featured` and one `attr.<name>` for
        each attribute, with at most fifty values each, those that most products have.
        """
        return tagged(queries.facets(wanted_products(query), hidden=sees_hidden()))

    return blueprint
