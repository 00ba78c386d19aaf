"""The whole shop in its own processes, and what a test may do to them."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from dependency_injector import providers

from nexus.bootstrap import Container, close, read_container
from nexus.entrypoints.local.programs import Program
from nexus.entrypoints.local.purchase import Purchase
from nexus.entrypoints.local.server import wait_until
from nexus.entrypoints.local.shop import Supervisor, started
from nexus.entrypoints.local.surroundings import PORTS, surroundings
from nexus.entrypoints.local.till import Caller
from nexus.wiring.technology import utc_now

ADMINISTRATOR = ("admin@nexus.test", "nexus-admin-local")
LONGEST_WAIT = 20


@dataclass(frozen=True)
class Stage:
    supervisor: Supervisor
    environ: dict[str, str]

    @property
    def sandbox(self) -> Caller:
        return Caller(self.supervisor.shop.sandbox)

    @property
    def worker(self) -> Program:
        return next(it for it in self.supervisor.programs if it.name == "worker")

    def wait_until(self, holds: Callable[[], object]) -> None:
        """Wait, while the supervisor does its duty."""

        def tended() -> bool:
            self.supervisor.tend()
            return bool(holds())

        assert wait_until(tended, seconds=LONGEST_WAIT), "it did not come true in time"

    def purchase(self) -> Purchase:
        """Return a customer who stands before the till with a full cart."""
        purchase = Purchase(self.supervisor.shop, ADMINISTRATOR)
        for step in purchase.steps():
            if step.take == purchase.place_order:
                break
            step.take()
        return purchase

    def pay_in_silence(self, purchase: Purchase) -> None:
        """Have it paid at Chapa, while nobody hears of it and nobody gets an answer."""
        self.sandbox.call(
            "POST", "/control/scenario", json={"faults": ["webhook_lost", "verify_5xx"]}
        )
        path = f"/control/transactions/{purchase.payment['transaction_id']}/complete"
        self.sandbox.call("POST", path, json={"outcome": "success", "wait": True})
        self.sandbox.call("POST", "/control/scenario", json={"faults": []})

    def owed(self, order_id: str, *, rung: bool = False) -> int:
        """Count what is still to be done about an order, or of that only what the queue knows."""
        with psycopg.connect(self.environ["DATABASE_URL"]) as db:
            row = db.execute(
                "SELECT count(*) FROM outbox LEFT JOIN reactions ON event_id = outbox.id"
                " WHERE data ->> 'order_id' = %s AND (expanded_at IS NULL OR status = 'owed')"
                " AND (NOT %s OR rung_at IS NOT NULL)",
                (order_id, rung),
            ).fetchone()
        return row[0] if row else 0

    @contextmanager
    def in_a_while(self, later: timedelta) -> Iterator[Container]:
        """Give the shop as it will be at that time."""
        container = read_container(self.environ)

        def clock() -> datetime:
            return utc_now() + later

        container.clock.override(providers.Object(clock))
        yield container
        close(container)


@contextmanager
def local_stage(home: Path) -> Iterator[Stage]:
    """Start everything, with ports and data of its own, and stop it again."""
    mine = {name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    kept = {name: it for name, it in os.environ.items() if not name.endswith(("_URL", "_PORT"))}
    told = surroundings(kept | mine | {"NEXUS_ENV": "local", "NEXUS_DATA_DIR": str(home)})
    with (home / "said.log").open("w") as log, started(told, log) as supervisor:
        servers = {name: server.url() for name, server in supervisor.servers.items()}
        yield Stage(supervisor, told | servers)


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        servers = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


def pause(program: Program) -> None:
    assert program.pid
    os.kill(program.pid, signal.SIGSTOP)


def kill(program: Program) -> None:
    """End it as a power cut does."""
    assert program.pid
    os.kill(program.pid, signal.SIGKILL)
