import logging
from threading import Event, Thread

import pytest

from nexus.application.ports.gateways import QueueUnavailable
from nexus.entrypoints.scheduler import Tick, keep_time


class Job:
    """Counts its runs, fails as often as it is told to, and says when it has run three times."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.runs = 0
        self.failure = failure
        self.ran_thrice = Event()

    def __call__(self) -> None:
        self.runs += 1
        if self.runs == 3:
            self.ran_thrice.set()
        if self.failure:
            raise self.failure


class TestScheduler:
    @pytest.mark.parametrize("failure", [ZeroDivisionError(), QueueUnavailable()])
    def test_goes_on_when_a_job_fails(
        self, failure: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        failing, well, stopping = Job(failure), Job(), Event()
        jobs = (Tick("failing", 0.001, failing), Tick("well", 0.001, well))
        scheduler = Thread(target=keep_time, args=(jobs, stopping))

        scheduler.start()
        assert failing.ran_thrice.wait(5)
        assert well.ran_thrice.wait(5)
        stopping.set()
        scheduler.join(5)

        assert not scheduler.is_alive()
        assert {record.__dict__["job"] for record in caplog.records} == {"failing"}

    def test_lets_a_running_job_end(self) -> None:
        began, may_end, stopping = Event(), Event(), Event()

        def slow() -> None:
            began.set()
            may_end.wait(5)

        scheduler = Thread(target=keep_time, args=((Tick("slow", 0.001, slow),), stopping))
        scheduler.start()
        assert began.wait(5)
        stopping.set()
        assert scheduler.is_alive()

        may_end.set()
        scheduler.join(5)
        assert not scheduler.is_alive()
