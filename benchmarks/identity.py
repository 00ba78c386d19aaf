"""What a log-in costs, what a flood of wrong passwords costs others, and what time tells.

A shop of its own is started for it, with its limits on: `make bench-identity`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console
from rich.table import Table

from benchmarks.load import LOGIN, Client, Measured, address, flood, read_catalogue
from benchmarks.ranks import same_place
from nexus.adapters.passwords import Argon2Passwords
from tests.integration.local_stage import local_stage

SAMPLES = 200
ROUNDS = 3
LASTING = 4.0
FLOODS = {"none": None, "from one address": False, "from everywhere": True}
KNOWN = "abebe@nexus.test"
PASSWORD = "nexus-customer-local"  # noqa: S105 (the demo customer's, in the documentation)
# So that the load may come from as many addresses as it says.
SURROUNDINGS = {"TRUSTED_PROXIES": "127.0.0.0/8", "RATE_LIMITS": "on", "LOG_FORMAT": "json"}


def main() -> None:
    os.environ.update(SURROUNDINGS)
    console = Console()
    with TemporaryDirectory() as home, local_stage(Path(home)) as stage:
        web = stage.supervisor.shop.web
        for measure in (cost_of_a_login, cost_of_a_flood, what_time_tells):
            console.print(measure(web))


def cost_of_a_login(web: str) -> Table:
    passwords, client = Argon2Passwords(), Client(web)
    kept = passwords.hash(PASSWORD)
    hashed = median(list(timed(lambda: passwords.matches(PASSWORD, kept), 50)))
    right = {"email": KNOWN, "password": PASSWORD}
    whole = median([client.post(LOGIN, right, at=address(1))[1] for _ in range(50)])
    table = Table("log-in", "argon2 alone", "share", title="What a log-in costs (median)")
    table.add_row(ms(whole), ms(hashed), f"{hashed / whole:.0%}")
    return table


def cost_of_a_flood(web: str) -> Table:
    """Read the catalogue with and without a flood in turn, so that all meet the same machine."""
    read_catalogue(web, lasting=LASTING)
    found: dict[str, list[Measured]] = {name: [] for name in FLOODS}
    for _ in range(ROUNDS):
        for name, everywhere in FLOODS.items():
            with nullcontext() if everywhere is None else flood(web, everywhere=everywhere):
                found[name].append(read_catalogue(web, lasting=LASTING))
    table = Table("flood", "pages/s", "of quiet", "p50", "p99", "failed", title="The catalogue")
    quiet = median([it.per_second for it in found["none"]])
    for name, measured in found.items():
        table.add_row(name, *shown(measured, quiet))
    return table


def shown(measured: Sequence[Measured], quiet: float) -> tuple[str, ...]:
    speed = median([it.per_second for it in measured])
    times = (ms(median([it.middle for it in measured])), ms(median([it.slow for it in measured])))
    return (f"{speed:.0f}", f"{speed / quiet:.0%}", *times, str(sum(it.failed for it in measured)))


def what_time_tells(web: str) -> Table:
    """Compare an address that has an account with one that has none, a call of each in turn."""
    calls = {
        "log in": (LOGIN, {"password": "not the password"}),
        "register": ("/api/v1/auth/register", {"password": "three-cups-of-buna"}),
        "reset": ("/api/v1/auth/password/reset", {}),
    }
    table = Table("call", "known", "unknown", "p", title="What time tells (median)")
    for number, (name, (path, body)) in enumerate(calls.items(), start=1):
        client = Client(web)
        known, unknown = [], []
        for sample in range(SAMPLES):
            at = address(number << 16 | sample)
            nobody = f"nobody-{name[0]}{sample}@example.com"
            known.append(client.post(path, {"email": KNOWN, **body}, at=at)[1])
            unknown.append(client.post(path, {"email": nobody, **body}, at=at)[1])
        table.add_row(
            name, ms(median(known)), ms(median(unknown)), f"{same_place(known, unknown):.2f}"
        )
    return table


def timed(work: Callable[[], object], times: int) -> Iterator[float]:
    for _ in range(times):
        begun = perf_counter()
        work()
        yield perf_counter() - begun


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
