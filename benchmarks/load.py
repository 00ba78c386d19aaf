"""Requests by the thousand, from threads that each keep one connection."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from math import nan
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from statistics import median, quantiles
from threading import Thread
from time import perf_counter
from urllib.parse import urlsplit

PRODUCTS = "/api/v1/products"
LOGIN = "/api/v1/auth/login"


@dataclass(frozen=True)
class Measured:
    """What a number of connections saw in a number of seconds."""

    seconds: list[float]
    failed: int
    lasted: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.lasted

    @property
    def middle(self) -> float:
        return median(self.seconds) if self.seconds else nan

    @property
    def slow(self) -> float:
        return quantiles(self.seconds, n=100)[98]


class Client:
    """One connection to the shop; `at` is the address that it claims to come from."""

    def __init__(self, web: str) -> None:
        self._connection = HTTPConnection(urlsplit(web).netloc, timeout=30)

    def get(self, path: str) -> int:
        return self._send("GET", path, None, {})[0]

    def post(self, path: str, body: Mapping[str, str], *, at: str) -> tuple[int, float]:
        """Return the status, and how many seconds it took."""
        headers = {"Content-Type": "application/json", "X-Forwarded-For": at}
        return self._send("POST", path, json.dumps(body), headers)

    def _send(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, float]:
        begun = perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            return 0, perf_counter() - begun
        return answer.status, perf_counter() - begun


def read_catalogue(web: str, *, lasting: float, connections: int = 4) -> Measured:
    seconds: list[float] = []
    failed: list[int] = []

    def read() -> None:
        client = Client(web)
        while perf_counter() < end:
            begun = perf_counter()
            status = client.get(PRODUCTS)
            (seconds if status == 200 else failed).append(perf_counter() - begun)  # type: ignore[arg-type]

    end = perf_counter() + lasting
    together(connections, read)
    return Measured(seconds, len(failed), lasting)


def together(number: int, work: Callable[[], None]) -> None:
    threads = [Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def flood(web: str, *, everywhere: bool, connections: int = 8) -> Iterator[None]:
    """Guess passwords as fast as it goes until the end of the block, from a process beside."""
    context = get_context("spawn")
    stop = context.Event()
    process = context.Process(target=guess, args=(web, everywhere, connections, stop))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join()


def guess(web: str, everywhere: bool, connections: int, stop: Event) -> None:
    numbers = count()

    def one() -> None:
        client = Client(web)
        while not stop.is_set():
            number = next(numbers) if everywhere else 0
            client.post(LOGIN, wrong(number), at=address(number))

    together(connections, one)


def wrong(number: int) -> dict[str, str]:
    return {"email": f"nobody{number}@example.com", "password": "not the password"}


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
