"""What is asked of the catalogue: the filters that the list of products and its facets share."""

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, fields, validate

from nexus.application.ports.catalog import ORDERINGS, ProductFilter
from nexus.domain.catalog import ProductStatus
from nexus.domain.shared import invalid
from nexus.entrypoints.http.access import NotAllowed, current_caller
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE, sees_hidden
from nexus.entrypoints.http.paging import Ordering, PageQuery
from nexus.entrypoints.http.schemas import Amount, Flag, Since, Text

_ATTRIBUTE = "attr."
# Each is a search of its own.
MOST_ATTRIBUTES = 20


def _stars(told: str) -> fields.Float:
    stars = validate.Range(min=0, max=5)
    return fields.Float(validate=stars, allow_nan=False, metadata={"description": told})


class ProductFilters(Schema):
    """Filters; beside these, `attr.<name>=` asks for an attribute or option."""

    search = Text(most=200, metadata={"description": "Words of it, however spelt, or a SKU."})
    category = Text(most=200, metadata={"description": "Id or slug; what lies below counts too."})
    category__id = Text(most=200, metadata={"description": "Another word for `category`."})
    category__slug = Text(most=200, metadata={"description": "Another word for `category`."})
    collection = Text(most=200, metadata={"description": "Id or slug."})
    min_price = Amount(metadata={"description": "What it costs at least."})
    max_price = Amount(metadata={"description": "What it costs at most."})
    size = Text(most=100, metadata={"description": "Which one of its variants has."})
    brand = Text(most=120, metadata={"description": "In capitals or not."})
    tag = Text(most=60, metadata={"description": "One of its tags."})
    min_rating = _stars("How many stars it has at least, on average.")
    rating = _stars("Another word for `min_rating`.")
    in_stock = Flag(metadata={"description": "Those that can be had, or that are sold out."})
    featured = Flag(metadata={"description": "Those that staff have put forward, or the others."})
    on_sale = Flag(metadata={"description": "Those that cost less than before, or the others."})
    status = fields.Enum(ProductStatus, by_value=True, metadata={"description": "Staff only."})
    created_after = Since(metadata={"description": "A time, or a day."})


class ProductsQuery(ProductFilters, PageQuery):
    ordering = Ordering(ORDERINGS)


def wanted_products(query: Mapping[str, Any]) -> ProductFilter:
    """Return what the parsed query asks for; an empty text asks for nothing.

    Refuse a status to whoever sees no hidden products.
    """
    if "status" in query and not sees_hidden():
        current_caller()
        raise NotAllowed(CATALOG_WRITE)
    asked = {name: value for name, value in query.items() if value != ""}
    for alias, name in _ALIASES.items():
        if alias in asked:
            asked.setdefault(name, asked[alias])
            del asked[alias]
    return ProductFilter(**asked, attributes=_attributes() or None)


_ALIASES = {"category__id": "category", "category__slug": "category", "rating": "min_rating"}


def _attributes() -> dict[str, str]:
    """Read `attr.<name>=`, whose names nobody knows beforehand."""
    named = [(key.removeprefix(_ATTRIBUTE), key) for key in request.args if key[:5] == _ATTRIBUTE]
    if len(named) > MOST_ATTRIBUTES:
        raise invalid(_ATTRIBUTE, f"At most {MOST_ATTRIBUTES} attributes may be asked for.")
    return {name: request.args[key] for name, key in named if name and request.args[key]}
