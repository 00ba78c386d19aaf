"""The web server's process: gunicorn with threads, configured here and nowhere else."""

import os
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from nexus.bootstrap import read_container
from nexus.entrypoints.logs import configure_logs
from nexus.entrypoints.web_worker import WebWorker
from nexus.settings import Settings


class PassOn(Logger):
    """Leaves gunicorn's messages to our own log; requests are logged by the application."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class WebServer(BaseApplication):
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"{self.settings.nexus_host}:{self.settings.nexus_port}",
            "worker_class": WebWorker,
            # As long as gunicorn allows: a search may be long, and a cursor stands behind it.
            "limit_request_line": 8190,
            "workers": self.settings.web_concurrency,
            "threads": self.settings.web_threads,
            "graceful_timeout": 30,
            "keepalive": 5,
            "logger_class": PassOn,
            "control_socket_disable": True,
            # Whom to believe about the client is said by TRUSTED_PROXIES, and by nothing else.
            "forwarded_allow_ips": "",
            # No header may say which path was asked for; a proxy in front needs none either.
            "forwarder_headers": "",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        # Called after the fork, so that no two processes ever share a connection.
        return wsgi()


def wsgi() -> Callable[..., Any]:
    """Return the application, with everything that it uses built, for any WSGI server."""
    container = read_container(os.environ)
    configure_logs(container.settings().log_format)
    return container.http()


def serve() -> None:
    """Serve until SIGTERM, which lets requests end that have begun."""
    settings = Settings.read(os.environ)
    configure_logs(settings.log_format)
    WebServer(settings).run()
