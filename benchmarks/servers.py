"""The web servers that are compared, each a gunicorn of one process with four threads."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.cores import Cores
from nexus.entrypoints.local.server import CannotRun, last_lines, wait_until
from tests.integration.local_stage import free_ports

CEILING, FLOOR, COLD, CACHED = "ceiling", "floor", "Nexus cold", "Nexus cached"
START_SECONDS = 60
STOP_SECONDS = 10
THREADS = "4"
NEXUS = {
    "NEXUS_ENV": "local",
    "WEB_CONCURRENCY": "1",
    "WEB_THREADS": THREADS,
    "RATE_LIMITS": "off",
    "LOG_FORMAT": "json",
}
UNKEPT = {"CACHE_PRODUCTS_SECONDS": "0", "CACHE_CATEGORIES_SECONDS": "0"}
# What the shell says of the shop is not for the servers; only where Python finds things is.
PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Server:
    port: int
    process: psutil.Process

    @property
    def cpu(self) -> float:
        return cpu_of(self.process)

    @property
    def memory(self) -> int:
        """Return the resident bytes of the process that answers, which is the largest."""
        family = (self.process, *self.process.children(recursive=True))
        return max(it.memory_info().rss for it in family)


def cpu_of(process: psutil.Process) -> float:
    """Return the seconds that it and its children have computed for, those that ended as well."""
    total = 0.0
    for it in (*process.children(recursive=True), process):
        # Once one has ended, its time is among that of the children of its parent.
        with suppress(psutil.NoSuchProcess):
            total += sum(it.cpu_times()[:4])
    return total


def nexus(database_url: str, redis_url: str, home: Path) -> dict[str, str]:
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return NEXUS | servers | {"MEDIA_ROOT": str(home / "media")}


@contextmanager
def nexus_web(environ: Mapping[str, str], log: Path, cores: Cores) -> Iterator[Server]:
    """Run `nexus web` as it is shipped until the end of the block."""
    (port,) = free_ports(1)
    command = ["-m", "nexus", "web"]
    with running(command, {**environ, "NEXUS_PORT": str(port)}, port, log, cores) as server:
        yield server


@contextmanager
def gunicorn(module: str, environ: Mapping[str, str], log: Path, cores: Cores) -> Iterator[Server]:
    """Run the `application` of another module, served as Nexus is."""
    (port,) = free_ports(1)
    options = ["--worker-class=gthread", "--workers=1", f"--threads={THREADS}", "--keep-alive=5"]
    bind = f"--bind=127.0.0.1:{port}"
    command = ["-m", "gunicorn", *options, bind, "--no-control-socket", f"{module}:application()"]
    with running(command, environ, port, log, cores) as server:
        yield server


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], port: int, log: Path, cores: Cores
) -> Iterator[Server]:
    told = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | dict(environ)
    with log.open("wb") as output:
        process = psutil.Popen(
            [sys.executable, *command],
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        # It has yet to start anything, and whatever it starts inherits its core.
        cores.give_web(process)
        wait_until(lambda: listens(port) or process.poll() is not None, seconds=START_SECONDS)
        if not listens(port):
            raise CannotRun(f"{' '.join(command)} does not listen:\n{last_lines(log)}")
        yield Server(port, process)
    finally:
        stop(process)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def stop(process: psutil.Popen) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        for it in (*process.children(recursive=True), process):
            it.kill()
        process.wait()
