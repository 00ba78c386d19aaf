"""The sandbox as a process of its own, and as a thread within a test."""

from __future__ import annotations

import logging
import signal
from asyncio import AbstractServer
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from socket import create_server
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from nexus.entrypoints.sandbox.app import sandbox_app
from nexus.entrypoints.sandbox.config import SandboxConfig
from nexus.entrypoints.sandbox.deliveries import Deliveries
from nexus.entrypoints.sandbox.mailbox import Mailbox
from nexus.entrypoints.sandbox.state import SandboxState

logger = logging.getLogger(__name__)


class QuietRequests(WSGIRequestHandler):
    """The state logs what matters; every look at a page does not."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


class SmtpServer(Controller):
    """Takes its port when made, so that a taken one is refused at once and 0 is a free one."""

    def __init__(self, mailbox: Mailbox, host: str, port: int) -> None:
        self._socket = create_server((host, port))
        super().__init__(mailbox, hostname=host, port=self._socket.getsockname()[1])

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


@dataclass(frozen=True)
class RunningSandbox:
    base_url: str
    smtp_host: str
    smtp_port: int
    state: SandboxState
    mailbox: Mailbox
    deliveries: Deliveries


@contextmanager
def answering(http: BaseWSGIServer) -> Iterator[None]:
    thread = Thread(target=http.serve_forever, args=(0.05,), name="sandbox-http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@contextmanager
def receiving(smtp: SmtpServer) -> Iterator[None]:
    smtp.start()
    try:
        yield
    finally:
        smtp.stop()


@contextmanager
def running_sandbox(config: SandboxConfig) -> Iterator[RunningSandbox]:
    """Serve in threads of this process until the block is left."""
    state, mailbox = SandboxState(), Mailbox()
    with closing(Deliveries(config, state)) as deliveries:
        app = sandbox_app(config, state, deliveries, mailbox)
        http = make_server(
            config.host, config.port, app, threaded=True, request_handler=QuietRequests
        )
        smtp = SmtpServer(mailbox, config.host, config.smtp_port)
        with answering(http), receiving(smtp):
            base_url = f"http://{config.host}:{http.server_port}"
            yield RunningSandbox(base_url, config.host, smtp.port, state, mailbox, deliveries)


def serve(config: SandboxConfig) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    # Blocked signals wait for us, however early they come; the threads inherit the mask.
    signals = (signal.SIGTERM, signal.SIGINT)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with running_sandbox(config) as sandbox:
        logger.info("sandbox at %s, SMTP on port %d", sandbox.base_url, sandbox.smtp_port)
        signal.sigwait(signals)
