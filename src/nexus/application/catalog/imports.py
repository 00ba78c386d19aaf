"""A file of products becomes a job: its rows in slices, which the worker writes one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from nexus.application.jobs import plain_actor
from nexus.application.ports.audit import WhoActs
from nexus.application.ports.exchange import OPTION, Pictures, Row, Slice
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.jobs import Job, RowError

IMPORT = "catalog_import"
ROWS, PICTURES = 0, 1
"""The stages of an import."""
# Few enough that a checkout need not wait long for the stock that is being counted.
SLICE_ROWS = 100
SKIPPED = "skipped"

Group = Sequence[Row]
"""Rows that are one product."""


@dataclass(frozen=True)
class StartImport:
    """Keep what a file says for the worker, and return the job that will write it."""

    start_work: StartWork
    now: Clock
    who: WhoActs
    most_variants: int

    def __call__(
        self,
        *,
        rows: Iterable[Row],
        pictures: Pictures,
        file_name: str,
        dry_run: bool,
    ) -> UUID:
        actor = self.who()
        facts = {"file_name": file_name, "dry_run": dry_run, "actor": plain_actor(actor)}
        job = Job.queue(IMPORT, facts, by=actor.id, at=self.now())
        desk = Desk(pictures, self.most_variants)
        with self.start_work() as work:
            work.jobs.add(job)
            for slice_ in slices(job, desk.sorted_out(job, rows)):
                work.jobs.owe([slice_])
            if not dry_run:
                _keep(work, job, desk)
            work.jobs.advance(job)
        return job.id


def _keep(work: Work, job: Job, desk: Desk) -> None:
    for name in sorted(desk.wanted):
        work.jobs.keep_picture(job.id, name, desk.pictures.read(name))


@dataclass
class Desk:
    """Where rows are looked through before any of them is written."""

    pictures: Pictures
    most_variants: int
    skus: dict[str, int] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)

    def sorted_out(self, job: Job, rows: Iterable[Row]) -> Iterator[Group]:
        """Give the groups that can be read; the job is told of the others."""
        for group in grouped(rows):
            steps = steps_of(group)
            job.total += steps
            if errors := [it for row in group for it in self._errors(row, len(group))]:
                job.report(steps, {SKIPPED: len(group)}, errors)
            else:
                yield group

    def _errors(self, row: Row, alike: int) -> Iterator[RowError]:
        if row.fault:
            yield RowError(row.number, "", row.fault)
        if alike > self.most_variants:
            most = f"A product has at most {self.most_variants} variants."
            yield RowError(row.number, "name", most)
        sku = row.cells.get("sku")
        if sku is None:
            yield RowError(row.number, "sku", "Every row needs one.")
        elif (first := self.skus.setdefault(sku, row.number)) != row.number:
            yield RowError(row.number, "sku", f"It stands in row {first} already.")
        yield from self._picture_errors(row)

    def _picture_errors(self, row: Row) -> Iterator[RowError]:
        name = row.cells.get("image_url", "")
        if name in self.pictures:
            self.wanted.add(name)
        elif name and not name.lower().startswith(("http://", "https://")):
            message = "Neither an http address nor a picture of the zip file."
            yield RowError(row.number, "image_url", message)


def steps_of(group: Group) -> int:
    """Count what there is to do: each row, and each picture that one names."""
    return len(group) + sum("image_url" in row.cells for row in group)


def grouped(rows: Iterable[Row]) -> Iterator[Group]:
    """Put rows together that follow each other, bear one name, and each name an option."""
    group: list[Row] = []
    for row in rows:
        if group and not _continues(row, group[-1]):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _continues(row: Row, before: Row) -> bool:
    return row.number == before.number + 1 and _product_of(row) == _product_of(before)


def _product_of(row: Row) -> str | int:
    has_options = any(column.startswith(OPTION) for column in row.cells)
    name = row.cells.get("name")
    return name if name and has_options else row.number


def slices(job: Job, groups: Iterable[Group]) -> Iterator[Slice]:
    """Divide the groups so that each slice is a moment's work."""
    held: list[Group] = []
    for group in groups:
        if held and sum(map(len, held)) + len(group) > SLICE_ROWS:
            yield slice_of(job.id, held)
            held = []
        held.append(group)
    if held:
        yield slice_of(job.id, held)


def slice_of(job_id: UUID, groups: Sequence[Group]) -> Slice:
    content = [[_plain(row) for row in group] for group in groups]
    return Slice(job_id, ROWS, groups[0][0].number, content)


def _plain(row: Row) -> dict[str, Any]:
    return {"number": row.number, "cells": row.cells, "fault": row.fault}


def groups_in(content: Any) -> list[Group]:
    return [[Row(**row) for row in group] for group in content]
