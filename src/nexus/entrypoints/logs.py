"""One form for every log line, ours and the libraries', without the secrets.

The line that each request writes goes through structlog alone: through the standard library's
logging it takes twice as long, which is a tenth of what a request costs.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from functools import lru_cache
from logging.config import dictConfig
from typing import Any, TextIO

import orjson
import structlog

SECRET = ("password", "token", "secret", "authorization", "cookie", "api_key", "card")
QUIET = {"rq.worker": "WARNING", "rq.job": "WARNING", "alembic": "WARNING", "urllib3": "WARNING"}
Line = MutableMapping[str, Any]


class Lines:
    """Writes lines, as the standard library does: one that cannot be written fails nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def info(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()


def configure_logs(form: str) -> None:
    """Write a line for each record to the standard output, as `json` or for the `console`."""
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": lambda: _formatter(form)}},
            "handlers": {
                "out": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stdout}
            },
            "root": {"handlers": ["out"], "level": "INFO"},
            "loggers": {name: {"level": level} for name, level in QUIET.items()},
        }
    )
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            *_ending(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: Lines(sys.stdout),
    )


def _formatter(form: str) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_ending(form),
        ],
    )


def _ending(form: str) -> list[Any]:
    moment = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return [moment, drop_secrets, *(_as_json() if form == "json" else _as_text())]


def _as_json() -> list[Any]:
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(
            lambda line, **_: orjson.dumps(line, default=str).decode()
        ),
    ]


def _as_text() -> list[Any]:
    # The default tells the values of local variables, and those may be secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain)]


def drop_secrets(_logger: Any, _method: str, line: Line) -> Line:
    """Leave out whatever is called like a secret, however deep."""
    return {key: _without_secrets(it) for key, it in line.items() if not _is_secret(key)}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_secrets(v) for k, v in value.items() if not _is_secret(str(k))}
    if isinstance(value, list | tuple):
        return [_without_secrets(it) for it in value]
    return value


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET)
