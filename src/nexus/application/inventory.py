from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.application.ports.inventory import ListedMovement
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.inventory import StockItem, StockNotFound
from nexus.domain.ledger import AdjustmentReason, Movement
from nexus.domain.locations import MAIN_CODE, Location, LocationNotFound
from nexus.domain.shared import invalid


@dataclass(frozen=True)
class AdjustStock:
    """Count units in or out at a place, and leave the reason in the ledger."""

    start_work: StartWork
    now: Clock

    def __call__(
        self,
        *,
        variant_id: UUID,
        delta: int,
        reason: AdjustmentReason,
        note: str,
        actor_id: UUID | None,
        location: str = MAIN_CODE,
    ) -> ListedMovement:
        with self.start_work() as work:
            place = _place(work, "location", location)
            item = work.stock.lock(variant_id)
            item.adjust(delta, reason, place=place, note=note, by=actor_id, at=self.now())
            (movement,) = item.movements
            work.stock.save(item)
            return _listed(movement, place)


@dataclass(frozen=True)
class TransferStock:
    """Carry units of a variant from one place to another; what is promised stays where it is."""

    start_work: StartWork
    now: Clock

    def __call__(
        self,
        *,
        variant_id: UUID,
        source: str,
        target: str,
        quantity: int,
        note: str,
        actor_id: UUID | None,
    ) -> tuple[ListedMovement, ...]:
        """Return the movement out of the one and into the other."""
        with self.start_work() as work:
            places = _place(work, "from", source), _place(work, "to", target)
            item = _item(work, variant_id)
            item.transfer(quantity, *places, note=note, by=actor_id, at=self.now())
            pairs = zip(item.movements, places, strict=True)
            moved = tuple(_listed(it, place) for it, place in pairs)
            work.stock.save(item)
            return moved


def _listed(movement: Movement, place: Location) -> ListedMovement:
    return ListedMovement(**asdict(movement), location=place.code)


def _place(work: Work, field: str, key: str) -> Location:
    """Find the place that a field of the request names."""
    try:
        return work.locations.lock_as_it_is(key)
    except LocationNotFound as error:
        raise invalid(field, "No such location.") from error


def _item(work: Work, variant_id: UUID) -> StockItem:
    """Find the stock of the variant that a body names."""
    try:
        return work.stock.lock(variant_id)
    except StockNotFound as error:
        raise invalid("variant_id", "No such variant.") from error


STOCK_FACTS = frozenset({"stock", "low_stock_threshold"})


def change_stock(
    work: Work,
    facts: Mapping[UUID, Mapping[str, Any]],
    *,
    default: int,
    by: UUID | None,
    at: datetime,
) -> None:
    """Set those of the STOCK_FACTS that are named of each variant; no threshold is the default."""
    named = {id_: said for id_, said in facts.items() if said.keys() & STOCK_FACTS}
    if not named:
        return
    items = work.stock.lock_all(named)
    if missing := named.keys() - {it.variant_id for it in items}:
        raise StockNotFound(min(missing))
    for item in items:
        said = named[item.variant_id]
        if "low_stock_threshold" in said:
            threshold = said["low_stock_threshold"]
            item.warn_at(default if threshold is None else threshold)
        if "stock" in said:
            item.count(said["stock"], by=by, at=at)
    work.stock.save_all(items)
