"""The contestants of one size, and what each of them is asked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ceiling
from benchmarks.cores import Cores
from benchmarks.generator import Question, fetch, request_for
from benchmarks.servers import (
    CACHED,
    CEILING,
    COLD,
    FLOOR,
    UNKEPT,
    Server,
    gunicorn,
    nexus,
    nexus_web,
)
from benchmarks.workloads import Workload, workloads
from nexus.entrypoints.local.server import CannotRun


@dataclass(frozen=True)
class Contest:
    """Who is compared in a shop of that many products; `questions` by workload and contestant."""

    products: int
    nexus: Mapping[str, str]
    servers: Mapping[str, Server]
    workloads: Sequence[Workload]
    questions: Mapping[tuple[str, str], Sequence[Question]]


@contextmanager
def contest(
    products: int, database_url: str, redis_urls: tuple[str, str], home: Path, cores: Cores
) -> Iterator[Contest]:
    """Have them all answer, and see to it that they answer the same."""
    asked = workloads(products)
    cold, cached = (nexus(database_url, redis_url, home) for redis_url in redis_urls)
    kept = home / f"ceiling-{products}.json"

    def log(name: str) -> Path:
        return home / "log" / f"{name}-{products}.log"

    with ExitStack() as stack:
        enter = stack.enter_context
        servers = {
            COLD: enter(nexus_web(cold | UNKEPT, log("cold"), cores)),
            CACHED: enter(nexus_web(cached, log("cached"), cores)),
            FLOOR: enter(gunicorn("benchmarks.naive.app", cold, log("floor"), cores)),
        }
        ready = answers(servers[COLD], asked)
        kept.write_text(json.dumps({path: body.decode() for path, body in ready.items()}))
        told = {ceiling.ANSWERS: str(kept)}
        servers[CEILING] = enter(gunicorn("benchmarks.ceiling", told, log("ceiling"), cores))
        given = {name: answers(server, asked) for name, server in servers.items()}
        refuse_other_answers(given)
        yield Contest(products, cold | UNKEPT, servers, asked, questions(asked, given))


def answers(server: Server, asked: Sequence[Workload]) -> dict[str, bytes]:
    return {path: fetch(server.port, path) for it in asked for path in it.paths}


def questions(
    asked: Sequence[Workload], given: Mapping[str, Mapping[str, bytes]]
) -> dict[tuple[str, str], Sequence[Question]]:
    return {
        (it.name, name): [Question(request_for(path), len(bodies[path])) for path in it.paths]
        for name, bodies in given.items()
        for it in asked
    }


def refuse_other_answers(given: Mapping[str, Mapping[str, bytes]]) -> None:
    """Raise CannotRun unless all give the same bytes, and the floor as many things."""
    for path, right in given[COLD].items():
        for name in (CACHED, CEILING):
            if given[name][path] != right:
                raise CannotRun(f"{path}: {name} answers otherwise than {COLD}.")
        if not things_in(right) or things_in(given[FLOOR][path]) != things_in(right):
            raise CannotRun(f"{path}: the floor answers otherwise than {COLD}, or both nothing.")


def things_in(body: bytes) -> int:
    """Count what is listed; a product that is shown alone is one."""
    said = json.loads(body)
    listed = said.get("results", [said]) if isinstance(said, dict) else said
    return len(listed)
