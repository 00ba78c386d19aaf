"""What else might please, and what one has seen."""

import logging
from collections.abc import Callable
from functools import partial, wraps
from uuid import UUID

from flask import Response
from marshmallow import Schema, ValidationError, validates

from nexus.application.catalog.recommendations import ForgetViews, NoteView
from nexus.application.ports.recommendations import MOST_RELATED, RecommendationQueries
from nexus.entrypoints.http.access import (
    CUSTOMER,
    VISITOR,
    caller_or_none,
    current_caller,
    open_to,
)
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import sees_hidden
from nexus.entrypoints.http.etags import tagged
from nexus.entrypoints.http.product_messages import ListedProduct
from nexus.entrypoints.http.ready import Shows, ready
from nexus.entrypoints.http.schemas import Number

log = logging.getLogger("nexus.http")
ShowProduct = Callable[[str], Response]


class RelatedQuery(Schema):
    limit = Number(
        load_default=MOST_RELATED, metadata={"description": f"At most {MOST_RELATED}, unless less."}
    )

    @validates("limit")
    def check_limit(self, value: int, data_key: str) -> None:
        if not 1 <= value <= MOST_RELATED:
            raise ValidationError(f"Must be from 1 to {MOST_RELATED}.")


def recommendations_blueprint(
    *, forget_views: ForgetViews, queries: RecommendationQueries
) -> Routes:
    blueprint = Routes("recommendations", __name__, description="What else might please")

    @blueprint.get("/products/<product>/related")
    @blueprint.arguments(RelatedQuery, location="query")
    @blueprint.response(200, ListedProduct(many=True))
    @ready(Shows.LISTS)
    @open_to(VISITOR)
    def list_related(query: dict[str, int], product: str) -> Response:
        """List what goes with a product: bought together most often, then of its category."""
        limit = query["limit"]
        return tagged(queries.related(product, limit=limit, hidden=sees_hidden()))

    @blueprint.get("/users/me/recently-viewed")
    @blueprint.response(200, ListedProduct(many=True))
    @open_to(CUSTOMER)
    def list_viewed() -> Response:
        """List what one has looked at, the latest first; the last 50 products are kept."""
        return tagged(queries.viewed_by(current_caller().user_id))

    @blueprint.delete("/users/me/recently-viewed")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def forget_viewed() -> None:
        """Forget what one has looked at."""
        forget_views(user_id=current_caller().user_id)

    return blueprint


def noted(note_view: NoteView) -> Callable[[ShowProduct], ShowProduct]:
    """Note who looks at a product, once they have it: nobody waits for that, or sees it fail."""

    def declare(view: ShowProduct) -> ShowProduct:
        @wraps(view)
        def show(product: str) -> Response:
            response = view(product)
            caller = caller_or_none()
            # A program that reads the catalogue has seen nothing.
            if caller and caller.session_id:
                response.call_on_close(partial(_note, note_view, caller.user_id, product))
            return response

        return show

    return declare


def _note(note_view: NoteView, user_id: UUID, product: str) -> None:
    try:
        note_view(user_id=user_id, product=product)
    except Exception:
        log.warning("view not noted", exc_info=True)
