"""A long file, whatever dies on the way (design D7). The processes here are real."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from nexus.adapters.sql.catalog_tables import products, variants
from nexus.adapters.sql.jobs import job_slices, jobs
from nexus.adapters.sql.outbox import reactions
from nexus.adapters.sql.stock import stock_movements
from nexus.bootstrap import Container
from nexus.domain.jobs import JobStatus
from tests.integration.exchange import csv_of
from tests.integration.processes import Running, running, wait_for
from tests.integration.signed_in import admin

pytestmark = pytest.mark.long

ROWS = 10_000
# On a machine that has nothing else to do it takes a tenth of this.
LONGEST = 180


class Shop:
    def __init__(self, container: Container, directory: Path, stack: ExitStack) -> None:
        self.container, self.directory, self.stack = container, directory, stack
        settings = container.settings()
        self.environ = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}

    def start(self, name: str) -> Running:
        log = self.directory / f"{name}.log"
        return self.stack.enter_context(running(name, log, self.environ))

    def count(self, of: Any) -> int:
        with self.container.engine().connect() as db:
            return db.execute(select(func.count()).select_from(of)).scalar_one()

    def job(self) -> Any:
        with self.container.engine().connect() as db:
            return db.execute(select(jobs)).one()

    def let_the_lease_end(self) -> None:
        past = func.now() - timedelta(hours=1)
        with self.container.engine().begin() as db:
            db.execute(update(reactions).values(leased_until=past, rung_at=past))


@pytest.fixture
def shop(container: Container, tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        yield Shop(container, tmp_path, stack)


def test_every_row_is_written_once_though_the_first_worker_was_killed(shop: Shop) -> None:
    rows = [[f"S-{it}", f"Thing {it}", 100, 5] for it in range(ROWS)]
    content = csv_of(["sku", "name", "price", "stock"], *rows)
    send(shop, content)

    shop.start("scheduler")
    first = shop.start("worker")
    wait_for(lambda: shop.job().done > 0, seconds=LONGEST)
    first.kill()
    done = shop.job().done
    shop.let_the_lease_end()
    shop.start("worker")
    wait_for(lambda: shop.job().finished_at, seconds=LONGEST)

    job = shop.job()
    assert 0 < done < ROWS
    assert (job.status, job.done, job.counts) == (JobStatus.SUCCEEDED, ROWS, {"created": ROWS})
    assert [shop.count(it) for it in (products, variants, stock_movements)] == [ROWS] * 3
    assert shop.count(job_slices) == 0


def send(shop: Shop, content: bytes) -> None:
    chief = admin(shop.container)
    file = {"file": (open_file(shop, content), "catalogue.csv")}
    http = shop.container.http().test_client()
    answer = http.post("/api/v1/catalog/import", data=file, headers=chief.headers)
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == 202, answer.text


def open_file(shop: Shop, content: bytes) -> Any:
    path = shop.directory / "catalogue.csv"
    path.write_bytes(content)
    return shop.stack.enter_context(path.open("rb"))
