"""Imports over one store, without a worker: what rows mean, and how jobs go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.catalog import imports
from nexus.application.catalog.import_rows import ImportRows
from nexus.application.catalog.imports import ROWS, StartImport, grouped
from nexus.application.jobs import CancelJob, RunJob
from nexus.application.ports.audit import Actor
from nexus.application.ports.exchange import Row, SliceGone
from nexus.application.ports.system import OwedReaction, StoredEvent
from nexus.domain.jobs import Job, JobOver, JobQueued, JobStatus
from nexus.domain.shared import new_id
from nexus.entrypoints.http.catalog_rows import RowReader
from nexus.entrypoints.http.zip_files import NoPictures

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HANA = Actor("staff", new_id(), "request-1")


def noon() -> datetime:
    return NOON


def row(number: int, **cells: str) -> Row:
    return Row(number, {name.replace("__", ":"): value for name, value in cells.items()})


class Importer:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.acting: list[Actor] = []
        self.start = StartImport(self.store, noon, lambda: HANA, most_variants=100)
        write = ImportRows(self.store, noon, RowReader("ETB"), low_stock_default=5)
        self.run = RunJob(self.store, noon, self.in_name_of, {ROWS: write}, busy=timedelta(1))
        self.cancel = CancelJob(self.store, noon)

    @contextmanager
    def in_name_of(self, actor: Actor) -> Iterator[None]:
        self.acting.append(actor)
        yield

    def begin(self, *rows: Row, dry_run: bool = False) -> UUID:
        return self.start(rows=rows, pictures=NoPictures(), file_name="a.csv", dry_run=dry_run)

    def go_on(self, job_id: UUID, *, attempts: int = 1) -> Job:
        event = StoredEvent(new_id(), JobQueued.name, NOON, {"job_id": str(job_id)})
        self.run(owed=OwedReaction(new_id(), "run_job", event, attempts))
        return self.job(job_id)

    def job(self, job_id: UUID) -> Job:
        with self.store() as work:
            return work.jobs.lock(job_id)

    def sold(self, slug: str) -> list[tuple[str, str]]:
        with self.store() as work:
            return [(it.sku, it.price.text) for it in work.products.sold_variants_of(slug)]


@pytest.fixture
def importer() -> Importer:
    return Importer()


class TestGroups:
    def test_are_rows_with_one_name_that_name_options(self) -> None:
        rows = [
            row(2, sku="A", name="Tee", option__size="S"),
            row(3, sku="B", name="Tee", option__size="M"),
            row(4, sku="C", name="Tee"),
            row(5, sku="D", name="Tee"),
            row(6, sku="E", name="Tee", option__size="S"),
            row(7, sku="F", option__size="S"),
            row(8, sku="G", option__size="M"),
            row(9, sku="H", name="Cap", option__size="S"),
            row(11, sku="I", name="Cap", option__size="S"),
        ]

        groups = [[it.cells["sku"] for it in group] for group in grouped(rows)]

        assert groups == [["A", "B"], ["C"], ["D"], ["E"], ["F"], ["G"], ["H"], ["I"]]


class TestStartImport:
    def test_lets_whoever_asked_be_known(self, importer: Importer) -> None:
        job_id = importer.begin(row(2, sku="A", name="Mug", price="1"))

        job = importer.go_on(job_id)

        assert job.created_by == HANA.id
        assert importer.acting == [HANA]

    def test_leaves_out_what_needs_no_looking_up(self, importer: Importer) -> None:
        job_id = importer.begin(
            row(2, name="Mug"),
            row(3, sku="A", name="Mug", price="1"),
            row(4, sku="A", name="Cup", price="1"),
            Row(5, {"sku": "B"}, "It is too long."),
            row(6, sku="C", image_url="ftp://a.test/a.png"),
        )

        job = importer.job(job_id)

        assert [(it.row, it.column) for it in job.errors] == [
            (2, "sku"),
            (4, "sku"),
            (5, ""),
            (6, "image_url"),
        ]
        assert (job.done, job.total) == (5, 6)

    def test_refuses_more_variants_than_a_product_may_have(self, importer: Importer) -> None:
        sizes = [row(at, sku=f"S-{at}", name="Tee", option__size=str(at)) for at in range(2, 103)]

        job = importer.go_on(importer.begin(*sizes))

        assert (job.error_count, job.counts) == (101, {"skipped": 101})


class TestPrices:
    def put(self, importer: Importer, *prices: str) -> list[tuple[str, str]]:
        rows = [
            row(at, sku=f"T-{at}", name="Tee", price=price, option__no=str(at))
            for at, price in enumerate(prices, 2)
        ]
        job = importer.go_on(importer.begin(*rows))
        assert not job.errors
        return importer.sold("tee")

    def price(self, importer: Importer) -> str:
        with importer.store() as work:
            return work.products.lock("tee").facts.price.text

    def test_are_the_products_where_all_have_the_same(self, importer: Importer) -> None:
        self.put(importer, "100", "100")
        assert self.price(importer) == "100.00"

        self.put(importer, "110", "110")

        assert self.price(importer) == "110.00"

    def test_are_the_variants_where_they_differ(self, importer: Importer) -> None:
        self.put(importer, "100", "120")

        sold = self.put(importer, "90", "130")

        assert sold == [("T-2", "90.00"), ("T-3", "130.00")]
        assert self.price(importer) == "90.00"

    def test_of_some_leave_the_others_alone(self, importer: Importer) -> None:
        self.put(importer, "100", "100", "100")

        sold = self.put(importer, "100", "150")

        assert [price for _, price in sold] == ["100.00", "150.00", "100.00"]
        assert self.price(importer) == "100.00"


class TestRunJob:
    def rows(self) -> list[Row]:
        return [row(at, sku=f"S-{at}", name=f"Thing {at}", price="1") for at in (2, 3, 4)]

    @pytest.fixture
    def job_id(self, importer: Importer, monkeypatch: pytest.MonkeyPatch) -> UUID:
        """A job of three slices."""
        monkeypatch.setattr(imports, "SLICE_ROWS", 1)
        return importer.begin(*self.rows())

    def test_does_all_of_it(self, importer: Importer, job_id: UUID) -> None:
        job = importer.go_on(job_id)

        assert (job.status, job.done, job.total) == (JobStatus.SUCCEEDED, 3, 3)
        assert job.counts == {"created": 3}
        assert (job.started_at, job.finished_at) == (NOON, NOON)

    def test_owes_the_rest_when_its_time_is_over(self, importer: Importer, job_id: UUID) -> None:
        importer.run = replace(importer.run, busy=timedelta(0))
        importer.store.events.clear()

        job = importer.go_on(job_id)

        assert (job.status, job.done) == (JobStatus.RUNNING, 1)
        assert JobQueued(job_id) in importer.store.events

    def test_does_nothing_for_one_that_has_ended(self, importer: Importer, job_id: UUID) -> None:
        done = importer.go_on(job_id)

        assert importer.go_on(job_id) == done

    def test_writes_nothing_for_one_that_was_stopped_meanwhile(
        self, importer: Importer, job_id: UUID
    ) -> None:
        steps = importer.run.steps

        def late(**it: Any) -> None:
            importer.cancel(job_id=job_id)
            steps[ROWS](**it)

        importer.run = replace(importer.run, steps={ROWS: late})

        job = importer.go_on(job_id)

        assert (job.status, job.failure, job.done) == (JobStatus.FAILED, "cancelled", 0)
        assert importer.sold("thing-2") == []
        with pytest.raises(JobOver):
            importer.cancel(job_id=job_id)

    def test_passes_over_what_another_worker_has_done(
        self, importer: Importer, job_id: UUID
    ) -> None:
        beaten = iter([True])

        def race(**it: Any) -> None:
            importer.run.steps[ROWS](**it)
            if next(beaten, False):
                raise SliceGone

        racing = replace(importer.run, steps={ROWS: race})
        event = StoredEvent(new_id(), JobQueued.name, NOON, {"job_id": str(job_id)})
        racing(owed=OwedReaction(new_id(), "run_job", event, 1))

        assert importer.job(job_id).counts == {"created": 3}
