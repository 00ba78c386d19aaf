from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate
from orjson import Fragment

from nexus.application.catalog.categories import ChangeCategory, CreateCategory, RemoveCategory
from nexus.application.ports.catalog import CatalogQueries, ListedCategory
from nexus.domain.catalog import NAME_MAX
from nexus.domain.slugs import SLUG_MAX
from nexus.entrypoints.http.access import VISITOR, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE, sees_hidden
from nexus.entrypoints.http.etags import created, expected_versions, json_bytes, tagged
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.ready import Shows, ready
from nexus.entrypoints.http.schemas import Flag, Text, Whole

_INT = 2**31 - 1


class CategoryChanges(Schema):
    """What may be said of a category. `parent_id` takes an id or a slug; null is the top."""

    name = Text(least=1, most=NAME_MAX, metadata={"example": "Phones"})
    slug = Text(least=1, most=SLUG_MAX, metadata={"example": "phones"})
    description = Text()
    parent_id = Text(least=1, allow_none=True)
    image_url = fields.Url(schemes={"http", "https"}, relative=True, allow_none=True)
    position = Whole(validate=validate.Range(min=-_INT, max=_INT))
    is_active = Flag()
    meta_title = Text(most=200)
    meta_description = Text(most=500)


class CategoryBody(CategoryChanges):
    name = Text(least=1, most=NAME_MAX, required=True, metadata={"example": "Phones"})


class ShownCategory(Schema):
    """A node of the tree; `product_count` counts the active products in it and below."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    description = fields.String(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    image_url = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    product_count = fields.Integer(required=True)
    meta_title = fields.String(required=True)
    meta_description = fields.String(required=True)
    children = fields.List(fields.Nested(lambda: ShownCategory()))


class CategoriesQuery(Schema):
    tree = Flag(load_default=False, metadata={"description": "Nest each category's `children`."})


class RemovalQuery(Schema):
    reassign_to = Text(
        least=1,
        load_default=None,
        metadata={"description": "The category that takes over what is in it."},
    )


def categories_blueprint(
    *,
    create_category: CreateCategory,
    change_category: ChangeCategory,
    remove_category: RemoveCategory,
    queries: CatalogQueries,
) -> Routes:
    blueprint = Routes("categories", __name__, description="The tree of categories")

    def change(category: str, body: dict[str, Any]) -> Response:
        id_ = change_category(category=category, changes=body, expected=expected_versions())
        return tagged(queries.category(str(id_), hidden=True))

    @blueprint.get("/categories")
    @blueprint.arguments(CategoriesQuery, location="query")
    @blueprint.response(200, ShownCategory(many=True))
    @ready(Shows.CATEGORIES)
    @open_to(VISITOR)
    def list_categories(query: dict[str, bool]) -> Response:
        """List all categories, flat or as a tree."""
        found = queries.categories(hidden=sees_hidden())
        return tagged(_tree(found) if query["tree"] else found)

    @blueprint.post("/categories")
    @blueprint.arguments(CategoryBody, example={"name": "Phones"})
    @blueprint.response(201, ShownCategory)
    @open_to(staff(CATALOG_WRITE))
    def add_category(body: dict[str, Any]) -> Response:
        """Create a category."""
        id_ = create_category(facts=body)
        return created(queries.category(str(id_), hidden=True), f"{API}/categories")

    @blueprint.get("/categories/<category>")
    @blueprint.response(200, ShownCategory)
    @ready(Shows.CATEGORIES)
    @open_to(VISITOR)
    def show_category(category: str) -> Response:
        """Show one category, by id or slug."""
        return tagged(queries.category(category, hidden=sees_hidden()))

    @blueprint.put("/categories/<category>")
    @blueprint.arguments(CategoryBody, example={"name": "Phones"})
    @blueprint.response(200, ShownCategory)
    @open_to(staff(CATALOG_WRITE))
    def replace_category(body: dict[str, Any], category: str) -> Response:
        """Change a category; what is left out stays as it is."""
        return change(category, body)

    @blueprint.patch("/categories/<category>")
    @blueprint.arguments(CategoryChanges, example={"position": 1})
    @blueprint.response(200, ShownCategory)
    @open_to(staff(CATALOG_WRITE))
    def patch_category(body: dict[str, Any], category: str) -> Response:
        """Change some of a category."""
        return change(category, body)

    @blueprint.delete("/categories/<category>")
    @blueprint.arguments(RemovalQuery, location="query")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def delete_category(query: dict[str, str | None], category: str) -> None:
        """Remove a category that is empty, or hand over what is in it."""
        remove_category(
            category=category, reassign_to=query["reassign_to"], expected=expected_versions()
        )

    return blueprint


def _tree(found: Iterable[ListedCategory]) -> list[Any]:
    """Nest each below its parent; the order stays."""
    below: dict[UUID | None, list[ListedCategory]] = defaultdict(list)
    for category in found:
        below[category.parent_id].append(category)
    return [_branch(it, below) for it in below[None]]


def _branch(category: ListedCategory, below: Mapping[UUID | None, list[ListedCategory]]) -> Any:
    children = [_branch(it, below) for it in below.get(category.id, ())]
    return Fragment(category.document[:-1].encode() + b',"children":' + json_bytes(children) + b"}")
