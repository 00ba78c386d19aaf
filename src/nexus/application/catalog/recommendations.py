"""What is learnt from orders and visits, for shoppers to find more."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from nexus.application.ports.recommendations import BoughtTogether
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork

BATCH = 500
# An order is written a moment after the time that it bears; by then it is there to be counted.
SETTLED = timedelta(minutes=1)


@dataclass(frozen=True)
class CountBoughtTogether:
    """Count in the orders that were confirmed since the last time what was bought together."""

    pairs: BoughtTogether
    now: Clock

    def __call__(self) -> None:
        until = self.now() - SETTLED
        while self.pairs.count(until=until, most=BATCH) == BATCH:
            pass


@dataclass(frozen=True)
class NoteView:
    """Remember that somebody has looked at a product."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, user_id: UUID, product: str) -> None:
        with self.start_work() as work:
            work.views.note(user_id, product, at=self.now())


@dataclass(frozen=True)
class ForgetViews:
    """Forget what somebody has looked at."""

    start_work: StartWork

    def __call__(self, *, user_id: UUID) -> None:
        with self.start_work() as work:
            work.views.forget(user_id)
