from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.inventory import AdjustmentReason, Movement


@dataclass(frozen=True)
class AdjustStock:
    """Count units in or out, and leave the reason in the ledger."""

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
    ) -> Movement:
        with self.start_work() as work:
            item = work.stock.lock(variant_id)
            item.adjust(delta, reason, note=note, by=actor_id, at=self.now())
            (movement,) = item.movements
            work.stock.save(item)
            return movement


STOCK_FACTS = frozenset({"stock", "low_stock_threshold"})


def change_stock(
    work: Work,
    variant_id: UUID,
    facts: Mapping[str, Any],
    *,
    default: int,
    by: UUID | None,
    at: datetime,
) -> None:
    """Set those of the STOCK_FACTS that are named; a threshold of None is the default."""
    if not facts.keys() & STOCK_FACTS:
        return
    item = work.stock.lock(variant_id)
    if "low_stock_threshold" in facts:
        threshold = facts["low_stock_threshold"]
        item.warn_at(default if threshold is None else threshold)
    if "stock" in facts:
        item.count(facts["stock"], by=by, at=at)
    work.stock.save(item)
