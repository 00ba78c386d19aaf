from typing import Any

from flask import Response

from nexus.application.catalog.changes import ChangeProduct
from nexus.application.catalog.products import CreateProduct, RemoveProduct
from nexus.application.catalog.recommendations import NoteView
from nexus.application.ports.catalog import CatalogQueries
from nexus.entrypoints.http.access import VISITOR, current_caller, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE, sees_hidden
from nexus.entrypoints.http.etags import created, expected_versions, tagged
from nexus.entrypoints.http.paging import envelope, page_schema, page_wanted
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.product_bodies import (
    NewProduct,
    ProductBody,
    ProductChanges,
    categories_in,
    facts_in,
    sold_in,
)
from nexus.entrypoints.http.product_messages import ListedProduct, ShownProduct
from nexus.entrypoints.http.product_query import ProductsQuery, wanted_products
from nexus.entrypoints.http.ready import Shows, ready
from nexus.entrypoints.http.recommendations import noted

NEW = {"name": "Jebena", "price": "450.00", "tags": ["coffee"], "stock": 12}


def products_blueprint(
    *,
    create_product: CreateProduct,
    change_product: ChangeProduct,
    remove_product: RemoveProduct,
    note_view: NoteView,
    queries: CatalogQueries,
) -> Routes:
    blueprint = Routes("products", __name__, description="Products: found, shown and kept")

    def change(product: str, body: dict[str, Any], *, is_whole: bool) -> Response:
        id_ = change_product(
            product=product,
            changes=facts_in(body),
            categories=categories_in(body),
            sold=sold_in(body),
            variants=body.get("variants"),
            is_whole=is_whole,
            expected=expected_versions(),
            actor_id=current_caller().user_id,
        )
        return tagged(queries.product(str(id_), hidden=True))

    @blueprint.get("/products")
    @blueprint.arguments(ProductsQuery, location="query")
    @blueprint.response(200, page_schema(ListedProduct))
    @ready(Shows.LISTS)
    @open_to(VISITOR)
    def list_products(query: dict[str, Any]) -> Response:
        """Find products."""
        page = page_wanted(query)
        found = queries.products(wanted_products(query), page, hidden=sees_hidden())
        return tagged(envelope(found, page))

    @blueprint.post("/products")
    @blueprint.arguments(NewProduct, example=NEW)
    @blueprint.response(201, ShownProduct)
    @open_to(staff(CATALOG_WRITE))
    def add_product(body: dict[str, Any]) -> Response:
        """Create a product, with its variants and their opening stock."""
        id_ = create_product(
            facts=facts_in(body), categories=categories_in(body) or {}, variants=body["variants"]
        )
        return created(queries.product(str(id_), hidden=True), f"{API}/products")

    @blueprint.get("/products/<product>")
    @blueprint.response(200, ShownProduct)
    @noted(note_view)
    @ready(Shows.PRODUCTS)
    @open_to(VISITOR)
    def show_product(product: str) -> Response:
        """Show one product, by id or slug."""
        return tagged(queries.product(product, hidden=sees_hidden()))

    @blueprint.put("/products/<product>")
    @blueprint.arguments(ProductBody, example={"name": "Jebena", "price": "420.00"})
    @blueprint.response(200, ShownProduct)
    @open_to(staff(CATALOG_WRITE))
    def replace_product(body: dict[str, Any], product: str) -> Response:
        """Change a product; what is left out stays, but variants where some are given."""
        return change(product, body, is_whole=True)

    @blueprint.patch("/products/<product>")
    @blueprint.arguments(ProductChanges, example={"price": "420.00", "is_featured": True})
    @blueprint.response(200, ShownProduct)
    @open_to(staff(CATALOG_WRITE))
    def patch_product(body: dict[str, Any], product: str) -> Response:
        """Change some of a product, or of its variants; add variants to it."""
        return change(product, body, is_whole=False)

    @blueprint.delete("/products/<product>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def delete_product(product: str) -> None:
        """Remove a product; one that was ever ordered becomes discontinued."""
        remove_product(product=product, expected=expected_versions())

    return blueprint
