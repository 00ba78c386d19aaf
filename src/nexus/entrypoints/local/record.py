"""What runs from a data directory, written down for other shells and for the next start."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from nexus.entrypoints.local.server import CannotRun


@dataclass
class Record:
    web: str
    sandbox: str
    # The moment of its birth tells a process from a later one with the same number.
    processes: dict[int, float] = field(default_factory=dict)

    def save(self, data: Path) -> None:
        draft = data / "run.json.new"
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(data / "run.json")


def read_record(data: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((data / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return record


def is_supervised(data: Path) -> bool:
    """Say whether a living `nexus run` holds the directory."""
    if not (data / "lock").exists():
        return False
    with (data / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextmanager
def sole_supervisor(data: Path) -> Iterator[None]:
    """Hold the directory for as long as we live: the kernel lets go of it even after kill -9."""
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            at = read_record(data).get("web", "an address it has yet to say")
            raise CannotRun(f"Nexus runs from {data} already, at {at}.") from None
        end_leftovers(data)
        try:
            yield
        finally:
            (data / "run.json").unlink(missing_ok=True)


def end_leftovers(data: Path) -> None:
    """End the processes that outlived a killed supervisor, and nothing that is not of it."""
    leftovers = []
    for pid, born in read_record(data).get("processes", {}).items():
        with suppress(psutil.Error):
            process = psutil.Process(int(pid))
            if abs(process.create_time() - born) < 1:
                leftovers += [process, *process.children(recursive=True)]
                process.terminate()
    for process in psutil.wait_procs(leftovers, timeout=10)[1]:
        with suppress(psutil.Error):
            process.kill()
