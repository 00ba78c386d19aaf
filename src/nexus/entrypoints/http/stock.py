from typing import Any
from uuid import UUID

from nexus.application.inventory import AdjustStock, TransferStock
from nexus.application.ports.inventory import (
    LedgerFilter,
    ListedMovement,
    StockFilter,
    StockLevel,
    StockQueries,
)
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
from nexus.entrypoints.http.stock_messages import (
    Adjustment,
    LedgerQuery,
    ShownLevel,
    ShownMovement,
    ShownStock,
    ShownTransfer,
    StockQuery,
    Transfer,
)

MovementsPage = page_schema(ShownMovement)
TRANSFER_EXAMPLE = {
    "variant_id": "019a9b4e-7a00-7000-8000-000000000000",
    "from": "main",
    "to": "bole",
    "quantity": 5,
    "note": "For the weekend",
}


def stock_blueprint(
    *, adjust_stock: AdjustStock, transfer_stock: TransferStock, queries: StockQueries
) -> Routes:
    blueprint = Routes("stock", __name__, description="Stock levels and their ledger")

    @blueprint.get("/stock")
    @blueprint.arguments(StockQuery, location="query")
    @blueprint.response(200, page_schema(ShownStock))
    @open_to(staff(CATALOG_WRITE))
    def list_levels(query: dict[str, Any]) -> Envelope:
        """List what there is of every variant and where it lies, latest variant first."""
        page = page_wanted(query)
        return envelope(queries.levels(StockFilter(**query), page), page)

    @blueprint.get("/stock/movements")
    @blueprint.arguments(LedgerQuery, location="query")
    @blueprint.response(200, MovementsPage)
    @open_to(staff(CATALOG_WRITE))
    def list_ledger(query: dict[str, Any]) -> Envelope:
        """Show every change of every level, latest first."""
        page = page_wanted(query)
        return envelope(queries.movements(LedgerFilter(**query), page), page)

    @blueprint.post("/stock/transfers")
    @blueprint.arguments(Transfer, example=TRANSFER_EXAMPLE)
    @blueprint.response(201, ShownTransfer)
    @open_to(staff(CATALOG_WRITE))
    def transfer(body: dict[str, Any]) -> dict[str, Any]:
        """Carry units to another location; those that are promised stay where they are."""
        movements = transfer_stock(**body, actor_id=current_caller().user_id)
        source, target = (it.location for it in movements)
        return body | {"source": source, "target": target, "movements": movements}

    @blueprint.get("/variants/<uuid:variant_id>/stock")
    @blueprint.response(200, ShownLevel)
    @open_to(staff(CATALOG_WRITE))
    def show_level(variant_id: UUID) -> StockLevel:
        """Show how much there is of a variant, and where it lies."""
        return queries.level(variant_id)

    @blueprint.post("/variants/<uuid:variant_id>/stock/adjustments")
    @blueprint.arguments(Adjustment, example={"delta": 25, "reason": "received"})
    @blueprint.response(201, ShownMovement)
    @open_to(staff(CATALOG_WRITE))
    def adjust(body: dict[str, Any], variant_id: UUID) -> ListedMovement:
        """Count units in or out; never below what is promised."""
        return adjust_stock(**body, variant_id=variant_id, actor_id=current_caller().user_id)

    @blueprint.get("/variants/<uuid:variant_id>/stock/movements")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, MovementsPage)
    @open_to(staff(CATALOG_WRITE))
    def list_movements(query: dict[str, Any], variant_id: UUID) -> Envelope:
        """Show every change of the level, latest first."""
        page = page_wanted(query)
        queries.level(variant_id)
        return envelope(queries.movements(LedgerFilter(variant=variant_id), page), page)

    return blueprint
