from typing import Any
from uuid import UUID

from flask import Response

from nexus.application.catalog.products import VariantDraft
from nexus.application.catalog.variants import AddVariant, ChangeVariant, RemoveVariant
from nexus.application.ports.catalog import CatalogQueries
from nexus.entrypoints.http.access import VISITOR, current_caller, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import (
    CATALOG_WRITE,
    ShownVariant,
    VariantBody,
    sees_hidden,
)
from nexus.entrypoints.http.etags import created, expected_versions, tagged
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.ready import Shows, ready


def variants_blueprint(
    *,
    add_variant: AddVariant,
    change_variant: ChangeVariant,
    remove_variant: RemoveVariant,
    queries: CatalogQueries,
) -> Routes:
    blueprint = Routes("variants", __name__, description="Variants: what of a product is sold")

    @blueprint.get("/products/<product>/variants")
    @blueprint.response(200, ShownVariant(many=True))
    @ready(Shows.PRODUCTS)
    @open_to(VISITOR)
    def list_variants(product: str) -> Response:
        """List the variants of a product."""
        return tagged(queries.variants_of(product, hidden=sees_hidden()))

    @blueprint.post("/products/<product>/variants")
    @blueprint.arguments(VariantBody, example={"options": {"size": "M"}, "stock": 10})
    @blueprint.response(201, ShownVariant)
    @open_to(staff(CATALOG_WRITE))
    def create_variant(body: dict[str, Any], product: str) -> Response:
        """Add a variant, with its opening stock."""
        id_ = add_variant(product=product, draft=VariantDraft(**body))
        return created(queries.variant(id_, hidden=True), f"{API}/variants")

    @blueprint.get("/variants/<uuid:variant_id>")
    @blueprint.response(200, ShownVariant)
    @ready(Shows.PRODUCTS)
    @open_to(VISITOR)
    def show_variant(variant_id: UUID) -> Response:
        """Show one variant."""
        return tagged(queries.variant(variant_id, hidden=sees_hidden()))

    @blueprint.patch("/variants/<uuid:variant_id>")
    @blueprint.arguments(VariantBody, example={"price": "99.00", "stock": 25})
    @blueprint.response(200, ShownVariant)
    @open_to(staff(CATALOG_WRITE))
    def patch_variant(body: dict[str, Any], variant_id: UUID) -> Response:
        """Change some of a variant."""
        change_variant(
            variant_id=variant_id,
            changes=body,
            expected=expected_versions(),
            actor_id=current_caller().user_id,
        )
        return tagged(queries.variant(variant_id, hidden=True))

    @blueprint.delete("/variants/<uuid:variant_id>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def delete_variant(variant_id: UUID) -> None:
        """Remove a variant; one that was ever ordered is only no longer sold."""
        remove_variant(variant_id=variant_id, expected=expected_versions())

    return blueprint
