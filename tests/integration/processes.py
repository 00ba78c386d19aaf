"""Real processes of the shop, and a mail server that can be made to wait."""

import os
import re
import subprocess
import sys
from asyncio import to_thread
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import psutil
from aiosmtpd.smtp import SMTP, Envelope, Session

from nexus.entrypoints.sandbox.server import SmtpServer

LONGEST_WAIT = 20


def wait_for(holds: Callable[[], object], seconds: float = LONGEST_WAIT) -> None:
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline, "it did not come true in time"
        sleep(0.02)


class Postman:
    """Takes mails; while the door is shut, whoever brings one waits in front of it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.knocked = Event()
        self.door = Event()
        self.door.set()

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.knocked.set()
        await to_thread(self.door.wait, LONGEST_WAIT)
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.mails.append(mail)
        return "250 OK"

    @contextmanager
    def at_work(self) -> Iterator[int]:
        """Serve until the end of the block; give the port."""
        server = SmtpServer(self, "127.0.0.1", 0)  # type: ignore[arg-type]
        server.start()
        try:
            yield server.port
        finally:
            self.door.set()
            server.stop()


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    log: Path

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def kill_workers(self) -> None:
        """End the processes that it has forked, as the kernel does when memory is short."""
        for worker in psutil.Process(self.process.pid).children():
            worker.kill()

    def stop(self) -> int:
        """Ask it to end, and return what it ended with."""
        self.process.terminate()
        return self.process.wait(LONGEST_WAIT)


def address(web: Running) -> tuple[str, int]:
    found = re.search(r"Listening at: http://([\d.]+):(\d+)", web.log.read_text())
    assert found
    return found[1], int(found[2])


@contextmanager
def running(name: str, log: Path, environ: Mapping[str, str]) -> Iterator[Running]:
    """Run `nexus NAME` until the end of the block, and kill it then if it has not ended."""
    command = [sys.executable, "-m", "nexus", name]
    told = {**os.environ, "NEXUS_ENV": "test", **environ}
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=told, stdout=output, stderr=output)
    it = Running(process, log)
    try:
        yield it
    finally:
        it.kill()
