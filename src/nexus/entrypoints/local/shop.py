"""The whole shop on this machine: it comes up in order and goes down in reverse."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import NoReturn, TextIO

import psutil
import requests

from nexus.entrypoints.local.ports import refuse_taken_ports
from nexus.entrypoints.local.postgres import Postgres
from nexus.entrypoints.local.programs import Program, Voices, start_command, stop_programs
from nexus.entrypoints.local.record import Record, is_supervised, read_record, sole_supervisor
from nexus.entrypoints.local.server import CannotRun, wait_until
from nexus.entrypoints.local.surroundings import make_directories, ports_of, surroundings
from nexus.entrypoints.local.valkey import Valkey

# Whoever waits for the shop waits for these alone; the others have the processors afterwards.
AWAITED = ("web", "sandbox")
BEHIND = ("worker", "scheduler")
READY_SECONDS = 60


@dataclass(frozen=True)
class Shop:
    """Where a running shop is to be found."""

    web: str
    sandbox: str

    def is_ready(self) -> bool:
        return all(status(url) == 200 for url in (f"{self.web}/readyz", f"{self.sandbox}/mailbox"))


@dataclass(frozen=True)
class Supervisor:
    """Keeps what it started running."""

    shop: Shop
    data: Path
    servers: Mapping[str, Postgres | Valkey]
    programs: list[Program]
    voices: Voices

    def start(self, names: Sequence[str], environ: Mapping[str, str]) -> None:
        for name in names:
            self.programs.append(Program(name, environ, self.voices))
            self.programs[-1].start()
        self.write_down()

    def tend(self) -> None:
        for server in self.servers.values():
            if not server.running:
                self.voices.say(server.name, "died, starts again")
                server.start()
        if [program for program in self.programs if program.tend()]:
            self.write_down()

    def tend_forever(self) -> NoReturn:
        while True:
            self.tend()
            sleep(0.2)

    def wait_until_ready(self) -> None:
        deadline = monotonic() + READY_SECONDS
        while not self.shop.is_ready():
            self.tend()
            for program in self.programs:
                program.refuse_to_wait()
            if monotonic() > deadline:
                raise CannotRun(f"{self.shop.web}/readyz is not 200 after {READY_SECONDS} s.")
            sleep(0.1)

    def write_down(self) -> None:
        pids = [program.pid for program in self.programs if program.pid]
        born = {pid: psutil.Process(pid).create_time() for pid in pids if psutil.pid_exists(pid)}
        Record(self.shop.web, self.shop.sandbox, born).save(self.data)


@contextmanager
def local_shop(environ: Mapping[str, str]) -> Iterator[Shop]:
    """Give the shop that runs from this data directory, or one that stops again at the end."""
    told = surroundings(environ)
    data = Path(told["NEXUS_DATA_DIR"])
    if not is_supervised(data):
        make_directories(data)
        with (data / "log" / "shop.log").open("a") as log, started(told, log) as supervisor:
            yield supervisor.shop
            return
    wait_until(lambda: "web" in read_record(data), seconds=READY_SECONDS)
    record = read_record(data)
    shop = Shop(record.get("web", ""), record.get("sandbox", ""))
    if not wait_until(shop.is_ready, seconds=READY_SECONDS):
        raise CannotRun(f"Nexus runs from {data}, yet {shop.web}/readyz is not 200.")
    yield shop


@contextmanager
def started(environ: Mapping[str, str], output: TextIO) -> Iterator[Supervisor]:
    """Start everything and wait until it answers; stop all of it in the end, data kept."""
    data = Path(environ["NEXUS_DATA_DIR"])
    make_directories(data)
    voices = Voices(output, ["postgres", *AWAITED, *BEHIND])
    shop = Shop(*(f"http://127.0.0.1:{environ[name]}" for name in ("NEXUS_PORT", "SANDBOX_PORT")))
    with ExitStack() as stack:
        stack.enter_context(sole_supervisor(data))
        refuse_taken_ports(ports_of(environ))
        servers = start_servers(stack, environ, voices)
        told = dict(environ) | {name: server.url() for name, server in servers.items()}
        prepare(told, voices)
        supervisor = Supervisor(shop, data, servers, [], voices)
        stack.callback(stop_programs, supervisor.programs)
        supervisor.start(AWAITED, told)
        supervisor.wait_until_ready()
        supervisor.start(BEHIND, told)
        yield supervisor


def start_servers(
    stack: ExitStack, environ: Mapping[str, str], voices: Voices
) -> dict[str, Postgres | Valkey]:
    """Start those that the environment does not name, each under its variable."""
    embedded = embedded_servers(Path(environ["NEXUS_DATA_DIR"]))
    servers = {name: server for name, server in embedded.items() if not environ.get(name)}
    for server in servers.values():
        voices.say(server.name, f"starts; its log is {server.log}")
        stack.callback(server.stop)
        server.start()
    return servers


def embedded_servers(data: Path) -> dict[str, Postgres | Valkey]:
    """Return the servers of a data directory, running or not, each under its variable."""
    return {
        "DATABASE_URL": Postgres(data / "postgres", data / "log" / "postgres.log"),
        "REDIS_URL": Valkey(data / "valkey", data / "log" / "valkey.log"),
    }


def environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return it as the processes have it; on one's own machine `nexus run` completes it."""
    if environ.get("NEXUS_ENV", "local") != "local":
        return environ
    told = surroundings(environ)
    data = Path(told["NEXUS_DATA_DIR"])
    servers = embedded_servers(data) if is_supervised(data) else {}
    return {name: server.url() for name, server in servers.items()} | told


def prepare(environ: Mapping[str, str], voices: Voices) -> None:
    """Bring the schema up to date and seed the demo shop, which the second time is quick."""
    arguments = ["migrate", "--seed", "demo"]
    with start_command(arguments, environ) as process:
        try:
            voices.repeat(arguments[0], process)
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode:
        raise CannotRun(f"nexus {' '.join(arguments)} failed; its last words are above.")


def status(url: str) -> int | None:
    """Return what the URL answers, if it does; a proxy has no business on this machine."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=2).status_code
        except requests.RequestException:
            return None
