"""The scheduler: does what is due, again and again. Several may run at once."""

import logging
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread

from nexus.bootstrap import Container, read_container
from nexus.domain.shared import Unavailable
from nexus.entrypoints.logs import configure_logs

log = logging.getLogger("nexus.scheduler")

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True)
class Tick:
    """A use case, and how many seconds lie between two runs of it."""

    name: str
    every: float
    run: Callable[[], object]


def ticks(container: Container) -> Sequence[Tick]:
    return (
        Tick("relay_events", 0.4, container.relay_events()),
        Tick("turn_prices", 2.0, container.turn_prices()),
        Tick("expire_orders", 15.0, container.expire_orders()),
        Tick("reconcile_payments", 15.0, container.reconcile_payments()),
        Tick("count_sales", 5 * MINUTE, container.count_sales()),
        Tick("count_bought_together", 60.0, container.count_bought_together()),
        Tick("forget_delivered", HOUR, container.forget_delivered()),
        Tick("forget_counts", HOUR, container.forget_counts()),
        Tick("forget_answers", HOUR, container.forget_answers()),
        Tick("forget_spent", HOUR, container.forget_spent()),
        Tick("forget_waiting_guests", HOUR, container.forget_waiting_guests()),
        Tick("forget_jobs", HOUR, container.forget_jobs()),
        Tick("sweep_pictures", DAY, container.sweep_pictures()),
    )


def serve() -> None:
    """Run every job in a thread of its own until SIGTERM, and let the running ones end."""
    container = read_container(os.environ)
    configure_logs(container.settings().log_format)
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    keep_time(ticks(container), stopping)


def keep_time(jobs: Sequence[Tick], stopping: Event) -> None:
    """Return when asked to stop and the last job has ended."""
    threads = [Thread(target=_repeat, args=(it, stopping), name=it.name) for it in jobs]
    for thread in threads:
        thread.start()
    log.info("scheduler started", extra={"jobs": [it.name for it in jobs]})
    for thread in threads:
        thread.join()
    log.info("scheduler stopped")


def _repeat(job: Tick, stopping: Event) -> None:
    while not stopping.is_set():
        _run(job)
        stopping.wait(job.every)


def _run(job: Tick) -> None:
    """Nothing that happens to one job reaches another, or its own next time."""
    try:
        job.run()
    except Unavailable as error:
        log.warning("job must wait", extra={"job": job.name, "reason": error.code})
    except Exception:
        log.exception("job failed", extra={"job": job.name})
