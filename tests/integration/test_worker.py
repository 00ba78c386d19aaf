"""Mails leave the shop whatever dies on the way (design D7). The processes here are real."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from nexus.adapters.sql.outbox import reactions
from nexus.bootstrap import Container
from nexus.domain.users import AccountExists
from nexus.entrypoints.local.valkey import Valkey
from tests.integration.processes import Postman, Running, running, wait_for
from tests.people import user

pytestmark = pytest.mark.long

OWNER = user()


class Shop:
    """A shop that owes mails, the processes that send them, and whoever takes them."""

    def __init__(self, container: Container, directory: Path, stack: ExitStack) -> None:
        self.container = container
        self.postman = Postman()
        self.directory = directory
        self.stack = stack
        settings = container.settings()
        self.environ = {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SMTP_PORT": str(stack.enter_context(self.postman.at_work())),
            "LOG_FORMAT": "json",
        }

    def start(self, name: str) -> Running:
        log = self.directory / f"{name}.log"
        return self.stack.enter_context(running(name, log, self.environ))

    def owe_a_mail(self) -> None:
        with self.container.work() as work:
            work.publish(AccountExists(OWNER.id))

    def relay(self) -> None:
        self.container.relay_events()()

    def let_the_lease_end(self) -> None:
        past = func.now() - timedelta(hours=1)
        with self.container.engine().begin() as db:
            db.execute(update(reactions).values(leased_until=past, rung_at=past))

    def owes_nothing(self) -> bool:
        with self.container.engine().connect() as db:
            return set(db.execute(select(reactions.c.status)).scalars()) == {"done"}


@pytest.fixture
def shop(container: Container, tmp_path: Path) -> Iterator[Shop]:
    with container.work() as work:
        work.users.add(OWNER)
    with ExitStack() as stack:
        yield Shop(container, tmp_path, stack)


class TestWorker:
    def test_sends_a_mail_once_however_often_it_is_rung_for(self, shop: Shop) -> None:
        shop.owe_a_mail()
        worker = shop.start("worker")

        for _ in range(3):
            shop.relay()
        wait_for(shop.owes_nothing)

        assert [mail["X-Nexus-Mail"] for mail in shop.postman.mails] == ["account_exists"]
        assert worker.stop() == 0

    def test_sends_it_once_though_the_first_worker_was_killed(self, shop: Shop) -> None:
        shop.postman.door.clear()
        shop.owe_a_mail()
        shop.relay()
        first = shop.start("worker")
        wait_for(shop.postman.knocked.is_set)
        first.kill()

        shop.postman.door.set()
        shop.let_the_lease_end()
        shop.relay()
        shop.start("worker")
        wait_for(shop.owes_nothing)

        assert len(shop.postman.mails) == 1

    def test_ends_the_running_job_when_it_is_asked_to_stop(self, shop: Shop) -> None:
        shop.postman.door.clear()
        shop.owe_a_mail()
        shop.relay()
        worker = shop.start("worker")
        wait_for(shop.postman.knocked.is_set)

        worker.process.terminate()
        shop.postman.door.set()

        assert worker.process.wait(10) == 0
        assert shop.owes_nothing()
        assert len(shop.postman.mails) == 1


class TestWithoutQueue:
    @pytest.fixture
    def valkey(self, shop: Shop, tmp_path: Path) -> Iterator[Valkey]:
        server = Valkey(tmp_path / "valkey", tmp_path / "valkey.log", durable=False)
        server.start()
        shop.environ["REDIS_URL"] = server.url()
        yield server
        server.stop()

    def test_mails_follow_when_it_is_back(self, shop: Shop, valkey: Valkey) -> None:
        worker, scheduler = shop.start("worker"), shop.start("scheduler")
        shop.owe_a_mail()
        wait_for(shop.owes_nothing)

        valkey.stop()
        shop.owe_a_mail()
        wait_for(lambda: scheduler.says("queue_unavailable"))
        valkey.start()
        wait_for(shop.owes_nothing)

        assert len(shop.postman.mails) == 2
        assert (worker.stop(), scheduler.stop()) == (0, 0)

    def test_both_processes_wait_for_it_and_can_be_stopped(
        self, shop: Shop, valkey: Valkey
    ) -> None:
        valkey.stop()
        shop.owe_a_mail()
        worker, scheduler = shop.start("worker"), shop.start("scheduler")

        wait_for(lambda: worker.says("no queue"))
        wait_for(lambda: scheduler.says("queue_unavailable"))

        assert (worker.stop(), scheduler.stop()) == (0, 0)
