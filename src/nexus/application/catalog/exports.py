from collections.abc import Mapping
from dataclasses import dataclass

from nexus.application.ports.audit import Deed
from nexus.application.ports.work import StartWork


@dataclass(frozen=True)
class NoteExport:
    """Write down that somebody takes the catalogue out of the house."""

    start_work: StartWork

    def __call__(self, *, asked: Mapping[str, str]) -> None:
        with self.start_work() as work:
            work.record(Deed("catalog.exported", "catalog", after=asked))
