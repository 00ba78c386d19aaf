"""A web server somewhere, which is not always kind."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

HUGE = 6 * 1024 * 1024
INNER = "http://169.254.169.254/latest/meta-data"


@dataclass
class StrangeServer:
    """`asked` holds what was asked for: the host as it was called, and the path."""

    picture: bytes
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        self.asked.append((handler.headers["Host"], path))
        if path.startswith("/redirect/"):
            count = int(path.rpartition("/")[2])
            self._send(handler, 302, Location=f"/redirect/{count - 1}" if count else "/mug.png")
        elif path == "/inwards":
            self._send(handler, 302, Location=INNER)
        elif path == "/absent.png":
            self._send(handler, 404)
        elif path == "/huge.png":
            self._send(handler, 200, b"x" * HUGE)
        elif path == "/endless.png":
            self._drip(handler)
        elif path == "/packed.png":
            self._send(handler, 200, self.picture, Content_Encoding="gzip")
        else:
            self._send(handler, 200, b"<html>" if path.endswith(".html") else self.picture)

    def _send(
        self, handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str
    ) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Send a byte now and then, so that no single one is ever late."""
        self._send(handler, 200)
        while not self.closing.wait(0.05):
            handler.wfile.write(b"x")


@contextmanager
def strange_server(picture: bytes) -> Iterator[StrangeServer]:
    it = StrangeServer(picture)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Whoever has heard enough hangs up.
            with suppress(ConnectionError):
                it.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False
        it.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield it
        it.closing.set()
        server.shutdown()
        thread.join()
