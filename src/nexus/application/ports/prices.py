"""What was asked, and when: how it is asked for. The database itself keeps it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.shared import Money


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """A price and its time; `until` is None for what is asked now.

    It is the product's, or that of a variant with a price of its own.
    """

    variant_id: UUID | None
    sku: str | None
    price: Money
    currency: str
    since: datetime
    until: datetime | None


class PriceQueries(Protocol):
    def prices_of(self, product: str, page: PageWanted) -> Page[AskedPrice]:
        """Return the latest first; raise ProductNotFound."""
