from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from nexus.application.catalog.collections import (
    ChangeCollection,
    ChooseProducts,
    CreateCollection,
    PutIntoCollection,
    RemoveCollection,
    TakeFromCollection,
)
from nexus.application.ports.catalog import ORDERINGS
from nexus.application.ports.collections import CollectionQueries
from nexus.domain.catalog import NAME_MAX
from nexus.domain.collections import MOST_CONDITIONS, MOST_PRODUCTS, Condition, Match, Rule
from nexus.domain.slugs import SLUG_MAX
from nexus.entrypoints.http.access import VISITOR, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE, Price, sees_hidden
from nexus.entrypoints.http.etags import created, expected_versions, tagged
from nexus.entrypoints.http.paging import Ordering, PageQuery, envelope, page_schema, page_wanted
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.product_messages import ListedProduct
from nexus.entrypoints.http.ready import Shows, ready
from nexus.entrypoints.http.schemas import Flag, Text, Whole

_INT = 2**31 - 1
_A_DECADE = 3650
_CONDITIONS = [{"tag": "gift", "max_price": "500.00"}]
GIFTS = {"name": "Gifts", "rule": {"conditions": _CONDITIONS}}


class ConditionBody(Schema):
    """What the list of products may be asked for; all that one condition says goes together."""

    category = Text(least=1, most=200, metadata={"description": "Id or slug, with what is below."})
    brand = Text(least=1, most=120)
    tag = Text(least=1, most=60, metadata={"example": "gift"})
    size = Text(least=1, most=100)
    attributes = fields.Dict(
        keys=Text(least=1, most=100),
        values=Text(least=1, most=200),
        validate=validate.Length(min=1, max=20),
    )
    min_price = Price()
    max_price = Price()
    min_rating = fields.Float(validate=validate.Range(min=0, max=5), allow_nan=False)
    on_sale = Flag()
    featured = Flag()
    in_stock = Flag()
    created_within_days = Whole(validate=validate.Range(min=1, max=_A_DECADE))

    @validates_schema
    def check_something_is_asked(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Say what is asked for.")

    @post_load
    def gather(self, data: dict[str, Any], **_: Any) -> Condition:
        return Condition(**data)


class RuleBody(Schema):
    """Products are in it that fulfil all of the conditions, or any of them."""

    match = fields.Enum(Match, by_value=True, load_default=Match.ALL)
    conditions = fields.List(
        fields.Nested(ConditionBody),
        required=True,
        validate=validate.Length(min=1, max=MOST_CONDITIONS),
        metadata={"example": _CONDITIONS},
    )

    @post_load
    def gather(self, data: dict[str, Any], **_: Any) -> Rule:
        return Rule(data["match"], tuple(data["conditions"]))


class CollectionChanges(Schema):
    """What may be said of a collection. One that is given a `rule` forgets what was chosen."""

    name = Text(least=1, most=NAME_MAX, metadata={"example": "Gifts"})
    slug = Text(least=1, most=SLUG_MAX, metadata={"example": "gifts"})
    description = Text()
    image_url = fields.Url(schemes={"http", "https"}, relative=True, allow_none=True)
    position = Whole(validate=validate.Range(min=-_INT, max=_INT))
    is_active = Flag()
    meta_title = Text(most=200)
    meta_description = Text(most=500)
    rule = fields.Nested(RuleBody, allow_none=True)


class CollectionBody(CollectionChanges):
    name = Text(least=1, most=NAME_MAX, required=True, metadata={"example": "Gifts"})


class ChoiceBody(Schema):
    """All that is to be in the collection, in this order."""

    product_ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(max=MOST_PRODUCTS)
    )


class CollectionProductsQuery(PageQuery):
    ordering = Ordering(ORDERINGS - {"relevance"})


class ShownCollection(Schema):
    """`kind` is `rule` where a rule says what is in it, and `manual` where it was chosen."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["manual", "rule"]))
    description = fields.String(required=True)
    image_url = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    meta_title = fields.String(required=True)
    meta_description = fields.String(required=True)
    rule = fields.Nested(RuleBody, required=True, allow_none=True)


def collections_blueprint(
    *,
    create_collection: CreateCollection,
    change_collection: ChangeCollection,
    remove_collection: RemoveCollection,
    choose_products: ChooseProducts,
    put_into_collection: PutIntoCollection,
    take_from_collection: TakeFromCollection,
    queries: CollectionQueries,
) -> Routes:
    blueprint = Routes("collections", __name__, description="Products that are shown together")

    def change(collection: str, body: dict[str, Any]) -> Response:
        id_ = change_collection(collection=collection, changes=body, expected=expected_versions())
        return tagged(queries.collection(str(id_), hidden=True))

    @blueprint.get("/collections")
    @blueprint.response(200, ShownCollection(many=True))
    @ready(Shows.CATEGORIES)
    @open_to(VISITOR)
    def list_collections() -> Response:
        """List all collections, in order."""
        return tagged(queries.collections(hidden=sees_hidden()))

    @blueprint.post("/collections")
    @blueprint.arguments(CollectionBody, example=GIFTS)
    @blueprint.response(201, ShownCollection)
    @open_to(staff(CATALOG_WRITE))
    def add_collection(body: dict[str, Any]) -> Response:
        """Create a collection, with a rule or to be filled by hand."""
        id_ = create_collection(facts=body)
        return created(queries.collection(str(id_), hidden=True), f"{API}/collections")

    @blueprint.get("/collections/<collection>")
    @blueprint.response(200, ShownCollection)
    @ready(Shows.CATEGORIES)
    @open_to(VISITOR)
    def show_collection(collection: str) -> Response:
        """Show one collection, by id or slug."""
        return tagged(queries.collection(collection, hidden=sees_hidden()))

    @blueprint.put("/collections/<collection>")
    @blueprint.arguments(CollectionBody, example=GIFTS)
    @blueprint.response(200, ShownCollection)
    @open_to(staff(CATALOG_WRITE))
    def replace_collection(body: dict[str, Any], collection: str) -> Response:
        """Change a collection; what is left out stays as it is."""
        return change(collection, body)

    @blueprint.patch("/collections/<collection>")
    @blueprint.arguments(CollectionChanges, example={"position": 1})
    @blueprint.response(200, ShownCollection)
    @open_to(staff(CATALOG_WRITE))
    def patch_collection(body: dict[str, Any], collection: str) -> Response:
        """Change some of a collection."""
        return change(collection, body)

    @blueprint.delete("/collections/<collection>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def delete_collection(collection: str) -> None:
        """Remove a collection; the products stay."""
        remove_collection(collection=collection, expected=expected_versions())

    @blueprint.get("/collections/<collection>/products")
    @blueprint.arguments(CollectionProductsQuery, location="query")
    @blueprint.response(200, page_schema(ListedProduct))
    @ready(Shows.LISTS)
    @open_to(VISITOR)
    def list_collected(query: dict[str, Any], collection: str) -> Response:
        """List what is in a collection: as it was chosen, or the newest first of a rule."""
        page, ordering = page_wanted(query), query.get("ordering", ())
        found = queries.products_in(collection, ordering, page, hidden=sees_hidden())
        return tagged(envelope(found, page))

    @blueprint.put("/collections/<collection>/products")
    @blueprint.arguments(ChoiceBody, example={"product_ids": []})
    @blueprint.response(200, ShownCollection)
    @open_to(staff(CATALOG_WRITE))
    def choose(body: dict[str, list[UUID]], collection: str) -> Response:
        """Choose all that is in a collection. One with a rule refuses: `collection_has_rule`."""
        id_ = choose_products(
            collection=collection, product_ids=body["product_ids"], expected=expected_versions()
        )
        return tagged(queries.collection(str(id_), hidden=True))

    @blueprint.post("/collections/<collection>/products/<product>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def put_into(collection: str, product: str) -> None:
        """Put a product behind the others of a collection; a second time changes nothing."""
        put_into_collection(collection=collection, product=product)

    @blueprint.delete("/collections/<collection>/products/<product>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def take_out(collection: str, product: str) -> None:
        """Take a product out of a collection."""
        expected = expected_versions()
        take_from_collection(collection=collection, product=product, expected=expected)

    return blueprint
