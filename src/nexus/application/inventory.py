from dataclasses import dataclass
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
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
