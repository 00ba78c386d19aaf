"""What else might please: bought with it by others, or seen by oneself of late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.catalog import ListedProduct

MOST_RELATED = 12
MOST_VIEWS = 50


class BoughtTogether(Protocol):
    """How often two products were in one order. Each call is a transaction of its own."""

    def count(self, *, until: datetime, most: int) -> int:
        """Count the orders, so many at most, that were confirmed by then and not counted yet.

        Return how many there were. Whoever else counts at the same time waits, and goes on.
        """


class Views(Protocol):
    """Which products somebody has looked at, the last MOST_VIEWS of them."""

    def note(self, user_id: UUID, product: str, *, at: datetime) -> None:
        """Note an active product by its id or slug; nothing for any other."""

    def forget(self, user_id: UUID) -> None: ...


class RecommendationQueries(Protocol):
    """Active products alone."""

    def related(self, product: str, *, limit: int, hidden: bool) -> Sequence[ListedProduct]:
        """Return what was bought together with it most often, then what sells in its category.

        Raise ProductNotFound.
        """

    def viewed_by(self, user_id: UUID) -> Sequence[ListedProduct]:
        """Return what somebody has seen, the latest first."""
