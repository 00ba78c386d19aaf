"""Who is waiting for something that is sold out, and is told once when it is back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Event

# So that nobody can have somebody else's address written to without end.
MOST_ALERTS = 50


@dataclass(eq=False)
class InStock(Conflict):
    """There is nothing to wait for."""

    available: int


@dataclass(frozen=True)
class StockAlertDue(Event):
    """One of those who waited is owed a mail."""

    name: ClassVar[str] = "internal.stock_alert_due"
    product_id: UUID
    variant_id: UUID
    user_id: UUID | None
    email: str | None
    locale: str


@dataclass(frozen=True)
class StockAlertOvertaken(Event):
    """It came back while somebody was about to wait for it, or while it was not sold."""

    name: ClassVar[str] = "internal.stock_alert_overtaken"
    variant_id: UUID


@dataclass
class StockAlert(Aggregate):
    """Waits for one variant, or for whichever comes first of a product's.

    A customer is written to at the address of their account, a guest at the one they gave.
    """

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    created_at: datetime
    user_id: UUID | None = None
    email: str | None = None
    locale: str = "en"

    def due(self, variant_id: UUID) -> StockAlertDue:
        who = (self.user_id, self.email, self.locale)
        return StockAlertDue(self.product_id, variant_id, *who)
