"""What nobody can use any more is forgotten."""

from dataclasses import dataclass
from datetime import timedelta

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork

# Long enough to be looked at when somebody asks who was signed in.
KEPT_FOR = timedelta(days=30)


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
