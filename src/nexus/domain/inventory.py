"""How much there is of each variant, and how much of it is promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from nexus.domain.ledger import CLOSED, REOPENED, RESERVED, SOLD, AdjustmentReason, Movement, Parts
from nexus.domain.locations import MAIN, Level, Location
from nexus.domain.shared import Aggregate, Conflict, Event, NotFound, invalid, new_id

MOST_UNITS = 2**31 - 1


@dataclass(eq=False)
class InsufficientStock(Conflict):
    """Each item tells `variant_id`, `requested` and `available`."""

    items: Sequence[dict[str, Any]]

    def members(self) -> dict[str, Any]:
        members = super().members()
        if len(self.items) == 1:
            members["available"] = self.items[0]["available"]
        return members


@dataclass(eq=False)
class StockCommitted(Conflict):
    """So many are promised to orders that the shelf cannot be taken below them."""

    on_hand: int
    reserved: int


@dataclass(eq=False)
class StockNotFound(NotFound):
    variant_id: UUID


@dataclass(frozen=True)
class StockRanLow(Event):
    """Said once when it falls to the threshold, and again only after it has been above."""

    name: ClassVar[str] = "stock.low"
    variant_id: UUID
    sku: str
    available: int
    threshold: int


@dataclass(frozen=True)
class StockCameBack(Event):
    """Said when there is something to be had of what there was nothing of."""

    name: ClassVar[str] = "stock.back"
    variant_id: UUID
    sku: str
    available: int


@dataclass
class StockItem(Aggregate):
    """The total of a variant and its levels, neither of which changes without a movement.

    The total is the sum of what active places hold. `levels` stand in the order in which their
    places serve.
    """

    variant_id: UUID
    sku: str
    threshold: int
    on_hand: int = 0
    reserved: int = 0
    sold: int = 0
    low: bool = False
    levels: dict[UUID, Level] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def opened(
        cls, variant_id: UUID, sku: str, *, threshold: int, on_hand: int, at: datetime
    ) -> StockItem:
        """Return the stock of a new variant; what it opens with has been received at main."""
        item = cls(variant_id, sku, threshold, low=on_hand <= threshold)
        if on_hand:
            received = Level(MAIN, on_hand)
            item._put(received, AdjustmentReason.RECEIVED, at, note="Opening stock")
        return item

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    def level_at(self, place: Location) -> Level:
        return self.levels.get(place.id) or Level(place.id, is_offered=place.is_active)

    def reserve(self, parts: Parts, *, order_id: UUID, at: datetime) -> None:
        """Promise what `drawn` has found at each place."""
        with self._told():
            for level, part in self._at(parts):
                held = replace(level, reserved=level.reserved + part)
                self._put(held, RESERVED, at, order_id=order_id)

    def release(self, parts: Parts, *, order_id: UUID, at: datetime, reason: str) -> None:
        with self._told():
            for level, part in self._at(parts):
                freed = replace(level, reserved=level.reserved - part)
                self._put(freed, reason, at, order_id=order_id)

    def commit(self, parts: Parts, *, order_id: UUID, at: datetime) -> None:
        for level, part in self._at(parts):
            self.sold += part
            on_hand, reserved = level.on_hand - part, level.reserved - part
            left = replace(level, on_hand=on_hand, reserved=reserved)
            self._put(left, SOLD, at, order_id=order_id)

    def _at(self, parts: Parts) -> list[tuple[Level, int]]:
        return [(self.levels[place_id], part) for place_id, part in parts.items()]

    def adjust(
        self,
        delta: int,
        reason: AdjustmentReason,
        *,
        place: Location,
        note: str,
        by: UUID | None,
        at: datetime,
    ) -> None:
        """Count units in or out at a place, never below what is promised there."""
        if not delta:
            raise invalid("delta", "Must not be 0.")
        level = self.level_at(place)
        if max(level.on_hand, self.on_hand) + delta > MOST_UNITS:
            raise invalid("delta", f"The level cannot pass {MOST_UNITS}.")
        with self._told():
            self._put(_moved(level, delta), reason, at, note=note, actor_id=by)

    def transfer(
        self,
        quantity: int,
        source: Location,
        target: Location,
        *,
        note: str,
        by: UUID | None,
        at: datetime,
    ) -> None:
        """Carry units from one place to another; those that are promised stay where they are."""
        if source.id == target.id:
            raise invalid("to", "Must be another place.")
        if self.level_at(target).on_hand + quantity > MOST_UNITS:
            raise invalid("quantity", f"The level cannot pass {MOST_UNITS}.")
        with self._told():
            for place, delta in ((source, -quantity), (target, quantity)):
                level = _moved(self.level_at(place), delta)
                self._put(level, AdjustmentReason.TRANSFER, at, note=note, actor_id=by)

    def count(self, on_hand: int, *, by: UUID | None, at: datetime) -> None:
        """Set the total to what somebody counted; the ledger keeps the difference.

        What is more lies at main. What is less is missing there first, and then at the others in
        the order in which they serve.
        """
        if on_hand < self.reserved:
            raise StockCommitted(self.on_hand, self.reserved)
        with self._told():
            for level in self._short_of(self.on_hand - on_hand):
                self._put(level, AdjustmentReason.CORRECTION, at, note="Counted", actor_id=by)

    def _short_of(self, missing: int) -> list[Level]:
        """Return the levels that change when so many units of the total are missing."""
        main = self.levels.get(MAIN, Level(MAIN))
        others = [it for it in self.levels.values() if it.location_id != MAIN]
        changed = []
        for level in (main, *others):
            if part := min(level.available, missing):
                changed.append(_moved(level, -part))
                missing -= part
        return changed

    def offer(self, place_id: UUID, *, at: datetime, is_offered: bool) -> None:
        """Take what lies at a place into the total, or out of it; nothing is promised there."""
        level = self.levels[place_id]
        with self._told():
            reason = REOPENED if is_offered else CLOSED
            self._put(replace(level, is_offered=is_offered), reason, at)

    def warn_at(self, threshold: int) -> None:
        with self._told():
            self.threshold = threshold

    def _put(
        self,
        level: Level,
        reason: str,
        at: datetime,
        *,
        order_id: UUID | None = None,
        note: str = "",
        actor_id: UUID | None = None,
    ) -> None:
        before = self.levels.get(level.location_id, Level(level.location_id))
        self.levels[level.location_id] = level
        total_delta = level.offered - before.offered
        self.on_hand += total_delta
        self.reserved += level.reserved - before.reserved
        if level == replace(before, is_offered=level.is_offered) and not total_delta:
            return
        self.movements.append(
            Movement(
                id=new_id(),
                variant_id=self.variant_id,
                location_id=level.location_id,
                on_hand_delta=level.on_hand - before.on_hand,
                reserved_delta=level.reserved - before.reserved,
                total_delta=total_delta,
                reason=reason,
                order_id=order_id,
                note=note,
                actor_id=actor_id,
                created_at=at,
                on_hand_after=self.on_hand,
                reserved_after=self.reserved,
            )
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what became of the variant once everything is moved, not on the way there."""
        was_out = not self.available
        yield
        if was_out and self.available:
            self.events.append(StockCameBack(self.variant_id, self.sku, self.available))
        was_low, self.low = self.low, self.available <= self.threshold
        if self.low and not was_low:
            low = StockRanLow(self.variant_id, self.sku, self.available, self.threshold)
            self.events.append(low)


def _moved(level: Level, delta: int) -> Level:
    """Return what is left, or will be there; refuse to go below what is promised."""
    if level.on_hand + delta < level.reserved:
        raise StockCommitted(level.on_hand, level.reserved)
    return replace(level, on_hand=level.on_hand + delta)
