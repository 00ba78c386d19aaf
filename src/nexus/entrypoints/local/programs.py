"""The processes of the shop, kept running. honcho colours what they say.

honcho's own manager stops everything when one process dies; here that one is started again.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Thread
from time import monotonic
from typing import TextIO

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from nexus.entrypoints.local.server import CannotRun

DRAIN_SECONDS = 12
QUICK_SECONDS = 5
PATIENCE = 4


class Voices:
    """Prints what each process says, a colour each, a line at a time."""

    def __init__(self, output: TextIO, names: Sequence[str]) -> None:
        self._printer = Printer(output, width=max(map(len, names)))
        self._colours = dict(zip(names, get_colours(), strict=False))
        self._turn = Lock()

    def say(self, name: str, line: bytes | str) -> None:
        now = datetime.now().astimezone()
        with self._turn:
            self._printer.write(Message("line", line, now, name, self._colours.get(name)))

    def repeat(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Return when the process has said its last word."""
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                self.say(name, line)


def start_command(arguments: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C reaches the supervisor alone, who drains it.
    return subprocess.Popen(
        [sys.executable, "-m", "nexus", *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@dataclass
class Program:
    """One `nexus` command that comes back when it dies, later each time if it dies at once."""

    name: str
    environ: Mapping[str, str]
    voices: Voices
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0, init=False)
    _quick_deaths: int = field(default=0, init=False)
    _due_at: float | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._started_at, self._due_at = monotonic(), None
        self._process = start_command([self.name], self.environ)
        Thread(target=self.voices.repeat, args=[self.name, self._process], daemon=True).start()

    def tend(self) -> bool:
        """Start it again if it has died and its pause is over; say whether that was done."""
        if self._process is None or self._process.poll() is None:
            return False
        if self._due_at is None:
            self._due_at = monotonic() + self._pause(self._process.returncode)
        if monotonic() < self._due_at:
            return False
        self.start()
        return True

    def refuse_to_wait(self) -> None:
        """Raise CannotRun if it plainly will not stay up."""
        if self._quick_deaths >= PATIENCE:
            raise CannotRun(f"nexus {self.name} does not stay up; its last words are above.")

    def ask_to_stop(self) -> None:
        if self._process:
            self._process.terminate()

    def stop(self, *, by: float) -> None:
        """Wait until then for it to end by itself, then end it and what it has started."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0, by - monotonic()))
        except subprocess.TimeoutExpired:
            self.voices.say(self.name, "does not stop, so it is killed")
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _pause(self, status: int) -> float:
        lived = monotonic() - self._started_at
        self._quick_deaths = self._quick_deaths + 1 if lived < QUICK_SECONDS else 0
        pause = min(0.1 * 2.0**self._quick_deaths, 10)
        self.voices.say(self.name, f"died with {status}, starts again in {pause:g} s")
        return pause


def stop_programs(programs: Sequence[Program]) -> None:
    """Let them all finish what they are at, together, and then no longer."""
    for program in programs:
        program.ask_to_stop()
    by = monotonic() + DRAIN_SECONDS
    for program in programs:
        program.stop(by=by)
