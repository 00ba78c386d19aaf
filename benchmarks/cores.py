"""Which core the web servers have to themselves, and which the others share."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import psutil


@dataclass(frozen=True)
class Cores:
    """The last core is the web servers'; the others are everybody else's."""

    all: Sequence[int]

    @classmethod
    def of_this_machine(cls) -> "Cores":
        can_pin = hasattr(os, "sched_getaffinity")
        return cls(sorted(os.sched_getaffinity(0)) if can_pin else ())

    @property
    def web(self) -> Sequence[int]:
        return self.all[-1:]

    @property
    def others(self) -> Sequence[int]:
        return self.all[:-1]

    @cached_property
    def are_apart(self) -> bool:
        return bool(self.others)

    def give_web(self, process: psutil.Process) -> None:
        self._pin(process, self.web)

    def keep_to_others(self) -> None:
        """Stay away from the web servers, with all that we have started by now."""
        self._pin(psutil.Process(), self.others)

    def _pin(self, process: psutil.Process, cores: Sequence[int]) -> None:
        """Move it and its children; those that they start afterwards inherit it."""
        if self.are_apart:
            for it in (process, *process.children(recursive=True)):
                # PostgreSQL has some that come and go.
                with suppress(psutil.NoSuchProcess):
                    it.cpu_affinity(list(cores))

    def __str__(self) -> str:
        if not self.all:
            return "no process could be pinned to a core on this system"
        if not self.are_apart:
            return "there is only one core, which the servers share with the load"
        others = ", ".join(map(str, self.others))
        return (
            f"each web server alone on core {self.web[0]};"
            f" the load, PostgreSQL and Valkey on {others}"
        )
