"""What nobody can use any more is forgotten, and what tells of people once it has served them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work

# Long enough to be looked at when somebody asks who was signed in.
KEPT_FOR = timedelta(days=30)
GUESTS_WAIT_FOR = timedelta(days=180)
JOBS_KEPT_FOR = timedelta(days=30)
# One batch is one short transaction, so that nobody waits long for what is being forgotten.
BATCH = 500


@dataclass(frozen=True)
class ForgetSpent:
    """Forget the sessions and the mailed links that came to their end long ago."""

    start_work: StartWork
    now: Clock

    def __call__(self) -> int:
        """Return how many there were."""
        before = self.now() - KEPT_FOR
        with self.start_work() as work:
            return work.sessions.forget(before=before) + work.one_time_tokens.forget(before=before)


@dataclass(frozen=True)
class ForgetWaitingGuests:
    """Forget the guests who have waited half a year for what did not come back.

    They gave their address for one mail, and have no account in which to see that it is kept. A
    customer's wait stays until they end it, or close the account.
    """

    start_work: StartWork
    now: Clock

    def __call__(self) -> int:
        """Return how many there were."""
        before = self.now() - GUESTS_WAIT_FOR
        return _in_batches(
            self.start_work, lambda work: work.stock_alerts.forget_guests(before, limit=BATCH)
        )


@dataclass(frozen=True)
class ForgetJobs:
    """Forget the jobs that ended a month ago, with whatever is left of their files.

    A job tells who began it, and quotes rows of a file; whoever had to mend these has done so.
    """

    start_work: StartWork
    now: Clock

    def __call__(self) -> int:
        """Return how many there were."""
        before = self.now() - JOBS_KEPT_FOR
        return _in_batches(self.start_work, lambda work: work.jobs.forget(before, limit=BATCH))


def _in_batches(start_work: StartWork, forget: Callable[[Work], int]) -> int:
    forgotten, last = 0, BATCH
    while last == BATCH:
        with start_work() as work:
            last = forget(work)
        forgotten += last
    return forgotten
