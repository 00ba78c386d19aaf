"""Questions asked as fast as they are answered, over connections that are kept open.

One loop over bare sockets and prepared bytes, so that it is never what is measured.
"""

import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from selectors import EVENT_READ, DefaultSelector
from time import perf_counter

from benchmarks.load import Measured
from nexus.entrypoints.local.server import CannotRun

# Links in the answers name it, so that every contestant gives the same bytes.
HOST = "nexus.test"
# Who has no index may take as long as that for eight searches at once.
PATIENCE = 300
# More would be fetched from the system anew each time, which takes longer than all the rest.
CHUNK = 1 << 15
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A request as it is sent, and how long the body of the right answer is."""

    sent: bytes
    length: int


def request_for(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n\r\n".encode()


def fetch(port: int, path: str) -> bytes:
    """Return the body of a complete answer with status 200; raise CannotRun for any other."""
    conversation = Conversation(port)
    with conversation.socket:
        conversation.ask(Question(request_for(path), 0))
        while not conversation.hear():
            continue
    head, _, body = bytes(conversation.heard).partition(b"\r\n\r\n")
    if not conversation.is_complete or not head.startswith(b"HTTP/1.1 200 "):
        said = (head + body[:400]).decode(errors="replace")
        raise CannotRun(f"{path} is not answered as it should be: {said or 'not at all'}")
    return body


def ask(port: int, questions: Sequence[Question], *, connections: int, lasting: float) -> Measured:
    """Ask them in turn for so long, and wait for the answers that are then still to come."""
    crowd = Crowd(port, cycle(questions))
    try:
        return crowd.ask(connections, lasting)
    finally:
        crowd.leave()


class Conversation:
    """One connection with one question on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard = bytearray()
        self.is_lost = False

    def ask(self, question: Question) -> None:
        self._wanted = question.length
        self._end: int | None = None
        self._length = 0
        self.heard.clear()
        self.asked_at = perf_counter()
        try:
            self.socket.sendall(question.sent)
        except OSError:
            self.is_lost = True

    def hear(self) -> bool:
        """Take what has come; say whether nothing more is to come."""
        try:
            came = self.socket.recv(CHUNK)
        except OSError:
            came = b""
        self.is_lost = self.is_lost or not came
        self.heard += came
        if self._end is None and (head := self.heard.find(b"\r\n\r\n")) > 0:
            told = _LENGTH.search(self.heard, 0, head)
            self._length = int(told[1]) if told else 0
            self._end = head + 4 + self._length
        return self.is_lost or (self._end is not None and len(self.heard) >= self._end)

    @property
    def is_complete(self) -> bool:
        return len(self.heard) == self._end

    @property
    def is_right(self) -> bool:
        return (
            self.is_complete
            and self._length == self._wanted
            and self.heard.startswith(b"HTTP/1.1 200 ")
        )


class Crowd:
    """As many conversations as are wanted, in one thread."""

    def __init__(self, port: int, questions: Iterator[Question]) -> None:
        self._port = port
        self._questions = questions
        self._selector = DefaultSelector()
        self._seconds: list[float] = []
        self._failed = 0

    def ask(self, connections: int, lasting: float) -> Measured:
        begun = now = perf_counter()
        for _ in range(connections):
            self._join()
        while self._selector.get_map():
            for conversation in self._speaking():
                if conversation.hear():
                    now = perf_counter()
                    self._note(conversation, now)
                    self._go_on(conversation, more=now - begun < lasting)
        return Measured(self._seconds, self._failed, now - begun)

    def leave(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()

    def _join(self) -> None:
        conversation = Conversation(self._port)
        self._selector.register(conversation.socket, EVENT_READ, conversation)
        conversation.ask(next(self._questions))

    def _speaking(self) -> list[Conversation]:
        ready = self._selector.select(PATIENCE)
        if not ready:
            raise CannotRun(f"There was no answer in {PATIENCE} s.")
        return [key.data for key, _ in ready]

    def _note(self, conversation: Conversation, now: float) -> None:
        if conversation.is_right:
            self._seconds.append(now - conversation.asked_at)
        else:
            self._failed += 1

    def _go_on(self, conversation: Conversation, *, more: bool) -> None:
        if more and not conversation.is_lost:
            conversation.ask(next(self._questions))
            return
        self._selector.unregister(conversation.socket)
        conversation.socket.close()
        if more:
            self._join()
