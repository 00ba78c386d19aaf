"""The worker: runs what the relay rings for, one after another."""

import logging
import signal
import sys
import time
from contextlib import suppress
from types import FrameType

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested

from nexus.entrypoints.jobs import container, run_reaction
from nexus.entrypoints.logs import configure_logs

log = logging.getLogger("nexus.worker")

# RQ waits for a job for 15 seconds less than this, and then sees whether Redis is still there.
WORKER_SECONDS = 20
PATIENCE_SECONDS = 2


class Reactor(SimpleWorker):
    """Runs jobs in its own process, without forking one for each.

    A fork would connect to the database anew for every mail, and it would protect nothing: when
    this process dies, its lease in the outbox ends and another worker goes on.
    """

    max_connection_wait_time = 5.0

    def __init__(self, queue: Queue) -> None:
        self.asked_to_stop = False
        super().__init__(
            [queue],
            connection=queue.connection,
            serializer=queue.serializer,
            worker_ttl=WORKER_SECONDS,
            log_job_description=False,
        )

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        # RQ gives what handles its signals no types.
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """Obey signals only, not commands that somebody writes to Redis."""


def serve() -> None:
    """Work until SIGTERM, which lets the running job end; wait for Redis whenever it is away."""
    # RQ takes the signals over while it works; before and in between there is nothing to end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    configure_logs(container().settings().log_format)
    run_reaction()
    log.info("worker started")
    with_patience(container().job_queue())
    log.info("worker stopped")


def with_patience(queue: Queue) -> None:
    """Begin again whenever RQ gives up, until somebody asks to stop."""
    # RQ's signal handlers outlive its worker, so a signal may arrive in this sleep, too.
    with suppress(StopRequested):
        while not _stopped(queue):
            time.sleep(PATIENCE_SECONDS)


def _stopped(queue: Queue) -> bool:
    try:
        worker = Reactor(queue)
    except RedisError as error:
        log.warning("no queue", extra={"reason": str(error)})
        return False
    try:
        worker.work(logging_level="WARNING")
    except (RedisError, StopRequested) as error:
        log.warning("queue lost", extra={"reason": str(error)})
    return worker.asked_to_stop
