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


class ProductFilters(Schema):
    """Filters; beside these, `attr.<name>=` asks for an attribute or option."""

    search = Text(most=200)
    category = Text(most=200, metadata={"description": "Id or slug; what lies below counts too."})
    category__id = Text(most=200)
    category__slug = Text(most=200)
    collection = Text(most=200, metadata={"description": "Id or slug."})
    min_price = Amount()
    max_price = Amount()
    size = Text(most=100)
    brand = Text(most=120)
    tag = Text(most=60)
    min_rating = fields.Float(validate=validate.Range(min=0, max=5), allow_nan=False)
    rating = fields.Float(validate=validate.Range(min=0, max=5), allow_nan=False)
    in_stock = Flag()
    featured = Flag()
    on_sale = Flag()
    status = fields.Enum(ProductStatus, by_value=True, metadata={"description": "Staff only."})
    created_after = Since()


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
