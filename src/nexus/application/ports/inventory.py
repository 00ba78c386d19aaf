"""How much there is of everything, and where: how it is kept, and asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.inventory import StockItem
from nexus.domain.ledger import Movement
from nexus.domain.locations import Location


class Locations(Protocol):
    """A `key` is an id or a code, as text; one that names nothing raises LocationNotFound."""

    def add(self, location: Location) -> None: ...
    def save(self, location: Location) -> None: ...

    def lock(self, key: str) -> Location:
        """Return it, kept from other work."""

    def lock_as_it_is(self, key: str) -> Location:
        """Return it, kept from change until this work ends; others may rely on it as well."""


class Stock(Protocol):
    """Levels and their ledger. No level changes without its movement."""

    def add(self, items: Sequence[StockItem]) -> None: ...
    def save(self, item: StockItem) -> None: ...

    def lock(self, variant_id: UUID) -> StockItem:
        """Return it, kept from other work; raise StockNotFound."""

    def lock_all(self, variant_ids: Collection[UUID]) -> list[StockItem]:
        """Return those that there are, kept from other work."""

    def save_all(self, items: Sequence[StockItem]) -> None: ...

    def reserve(
        self, order_id: UUID, quantities: Mapping[UUID, int], *, until: datetime, at: datetime
    ) -> None:
        """Hold all of it for an order, where `drawn` says, or nothing.

        Raise InsufficientStock, AlreadyReserved. Whoever reserves for an order keeps other work
        off it.
        """

    def commit(self, order_id: UUID, *, at: datetime) -> None:
        """Take what an order holds off the shelf; raise ReservationNotActive."""

    def release(self, order_id: UUID, *, at: datetime, reason: str) -> None:
        """Give what an order holds back; raise ReservationNotActive."""

    def lies_at(self, location_id: UUID) -> bool:
        """Tell whether there is anything at a place, whose row is locked."""

    def offer(self, location_id: UUID, *, at: datetime, is_offered: bool) -> None:
        """Take all that lies at a place into the totals, or out of them.

        The place is locked. Raise StockCommitted where orders hold something there.
        """


@dataclass(frozen=True, slots=True)
class ListedLocation:
    id: UUID
    code: str
    name: str
    priority: int
    is_active: bool
    address: str
    version: int


@dataclass(frozen=True, slots=True)
class LevelAt:
    """What lies at one place; at an inactive one nothing of it is available."""

    location_id: UUID
    code: str
    on_hand: int
    reserved: int
    available: int


@dataclass(frozen=True, slots=True)
class StockLevel:
    """The total of a variant, which leaves out inactive places, and where all of it lies."""

    on_hand: int
    reserved: int
    available: int
    low_stock_threshold: int
    locations: tuple[LevelAt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMovement(Movement):
    """A movement, with the code of the place."""

    location: str


@dataclass(frozen=True, slots=True)
class ListedStock:
    """A variant as whoever fills the shelves needs it."""

    variant_id: UUID
    product_id: UUID
    name: str
    sku: str
    on_hand: int
    reserved: int
    available: int
    low_stock_threshold: int
    is_low: bool
    locations: tuple[LevelAt, ...]


@dataclass(frozen=True, slots=True)
class StockFilter:
    """`location` is an id or a code; one that there is not has nothing."""

    low: bool | None = None
    location: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    variant: UUID | None = None
    location: str | None = None
    reason: str | None = None
    order: UUID | None = None
    created_after: datetime | None = None


class StockQueries(Protocol):
    """Places in the order in which they serve, and ledgers with the latest movement first."""

    def locations(self) -> Sequence[ListedLocation]: ...

    def location(self, location_id: UUID) -> ListedLocation:
        """Raise LocationNotFound."""

    def level(self, variant_id: UUID) -> StockLevel:
        """Raise StockNotFound."""

    def item(self, variant_id: UUID) -> ListedStock | None: ...
    def levels(self, which: StockFilter, page: PageWanted) -> Page[ListedStock]: ...
    def movements(self, which: LedgerFilter, page: PageWanted) -> Page[ListedMovement]: ...
