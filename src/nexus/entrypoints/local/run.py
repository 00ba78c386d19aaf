"""`nexus run`: the shop in this terminal, until Ctrl-C."""

import signal
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.panel import Panel

from nexus.entrypoints.local.shop import Shop, started
from nexus.entrypoints.local.surroundings import surroundings

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(environ: Mapping[str, str]) -> None:
    """Return once everything that was started has stopped again."""
    stop_on_signals()
    told = surroundings(environ)
    try:
        with started(told, sys.stdout) as supervisor:
            announce(supervisor.shop, told)
            supervisor.tend_forever()
    except KeyboardInterrupt:
        Console().print(f"Stopped. The data is kept in {told['NEXUS_DATA_DIR']}.")


def stop_on_signals() -> None:
    """Have a signal end everything in order; a terminal that closes is ignored under nohup."""
    for stop in STOPS:
        if stop is not signal.SIGHUP or signal.getsignal(stop) is not signal.SIG_IGN:
            signal.signal(stop, stop_once)


def stop_once(*_: object) -> None:
    """Begin to stop, and let nobody interrupt that."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_IGN)
    raise KeyboardInterrupt


def announce(shop: Shop, environ: Mapping[str, str]) -> None:
    admin = environ.get("NEXUS_ADMIN_EMAIL", "admin@nexus.test")
    # A password that was set is not ours to show.
    secret = "as set" if "NEXUS_ADMIN_PASSWORD" in environ else "nexus-admin-local"
    lines = [
        f"Shop           {shop.web}",
        f"Documentation  {shop.web}/api/docs",
        f"Mailbox        {shop.sandbox}/mailbox",
        f"Sandbox        {shop.sandbox} (no real money moves)",
        "",
        f"Administrator  {admin} / {secret}",
        "Customer       abebe@nexus.test / nexus-customer-local",
        "",
        "Ctrl-C stops everything and keeps the data. In another shell: make demo",
    ]
    Console().print(Panel("\n".join(lines), title="Nexus is ready", expand=False))
