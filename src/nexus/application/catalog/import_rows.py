"""The step of an import that writes rows: a slice of products in a handful of statements."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from nexus.application.catalog.batches import Batch
from nexus.application.catalog.goods import Goods, RowsRefused, Terms, row_errors
from nexus.application.catalog.import_pictures import Picture
from nexus.application.catalog.imports import SKIPPED, Group, groups_in, slice_of, steps_of
from nexus.application.jobs import Report, settle
from nexus.application.ports.exchange import ProductRow, ReadRow, Slice
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.jobs import Job, RowError
from nexus.domain.shared import Conflict, Invalid, NexusError, Stale, ValidationFailed


class Rehearsed(Exception):
    """It would have been written like this, and is not."""


@dataclass
class Reading:
    """A group of rows, as far as it could be read."""

    group: Group
    rows: list[ProductRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True)
class ImportRows:
    """Write a slice of rows; a wrong one is left out with the others of its product.

    A dry run does the same, and takes everything back.
    """

    start_work: StartWork
    now: Clock
    read_row: ReadRow
    low_stock_default: int

    def __call__(self, *, job: Job, part: Slice) -> None:
        groups = groups_in(part.content)
        try:
            self._write(job, part, [self._read(group) for group in groups])
        except (Invalid, Conflict) as refusal:
            # The database knew better than what was loaded from it. Alone, a group tells which.
            if len(groups) > 1:
                self._take_apart(part, groups)
            elif isinstance(refusal, Stale):
                raise
            else:
                self._leave_out(part, groups[0], refusal)

    def _read(self, group: Group) -> Reading:
        reading = Reading(group)
        for row in group:
            try:
                reading.rows.append(self.read_row(row))
            except ValidationFailed as refusal:
                reading.errors += row_errors(refusal, row.number)
        return reading

    def _write(self, job: Job, part: Slice, readings: Sequence[Reading]) -> None:
        rehearses = bool(job.facts["dry_run"])
        with suppress(Rehearsed), self.start_work() as work:
            report, pictures = self._import(work, job, readings)
            if rehearses:
                raise Rehearsed
            work.jobs.owe(pictures)
            settle(work, part, report)
        if rehearses:
            with self.start_work() as work:
                settle(work, part, report)

    def _import(
        self, work: Work, job: Job, readings: Sequence[Reading]
    ) -> tuple[Report, list[Slice]]:
        terms = Terms(self.now(), job.created_by, self.low_stock_default)
        good = [row for it in readings if not it.errors for row in it.rows]
        batch = Batch.load(work, good, terms)
        counts: Counter[str] = Counter()
        shown: list[Picture] = []
        for reading in readings:
            goods, outcome = _put(batch, reading)
            counts[outcome] += len(reading.group)
            shown += _pictures_of(goods, reading.rows) if goods else []
        batch.write(work)
        pictures = [] if job.facts["dry_run"] else _not_shown(work, shown)
        errors = [error for it in readings for error in it.errors]
        done = sum(steps_of(it.group) for it in readings) - len(pictures)
        return Report(done, counts, errors), [it.slice(job.id) for it in pictures]

    def _take_apart(self, part: Slice, groups: Sequence[Group]) -> None:
        with self.start_work() as work:
            work.jobs.settle(part)
            work.jobs.owe([slice_of(part.job_id, [group]) for group in groups])

    def _leave_out(self, part: Slice, group: Group, refusal: NexusError) -> None:
        error = RowError(group[0].number, "", refusal.detail or refusal.code)
        with self.start_work() as work:
            settle(work, part, Report(steps_of(group), {SKIPPED: len(group)}, [error]))


def _put(batch: Batch, reading: Reading) -> tuple[Goods | None, str]:
    try:
        if not reading.errors:
            return batch.put(reading.rows)
    except RowsRefused as refusal:
        reading.errors += refusal.errors
    return None, SKIPPED


def _pictures_of(goods: Goods, rows: Sequence[ProductRow]) -> list[Picture]:
    """Return what the rows show: the first one its product, each other one its variant."""
    ids = {it.sku: it.id for it in goods.variants}
    named = [(row, ids[row.sku] if at else None) for at, row in enumerate(rows) if row.picture]
    return [Picture(row.number, goods.product.id, id_, str(row.picture)) for row, id_ in named]


def _not_shown(work: Work, pictures: Sequence[Picture]) -> list[Picture]:
    known = work.images.sources_of({it.product_id for it in pictures}) if pictures else {}
    return [it for it in pictures if not it.is_among(known.get(it.product_id, ()))]
