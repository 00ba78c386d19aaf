import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_connection, socket

import pytest

from nexus.entrypoints.sandbox.config import SandboxConfig, UnsafeSandbox

SERVE = """
import logging, os
from nexus.entrypoints.sandbox.config import SandboxConfig
from nexus.entrypoints.sandbox.server import serve
logging.basicConfig(level=logging.INFO, format="%(message)s")
serve(SandboxConfig.read(os.environ))
"""


@contextmanager
def sandbox_process(**environ: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env={**os.environ, **environ},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    return process.stderr.readline()


class TestSandboxConfig:
    def test_reads_the_environment(self) -> None:
        config = SandboxConfig.read(
            {
                "NEXUS_PORT": "9000",
                "SANDBOX_PORT": "9001",
                "SANDBOX_SMTP_PORT": "9025",
                "CHAPA_SECRET_KEY": "CHASECK_TEST-mine",
                "CHAPA_WEBHOOK_SECRET": "mine",
            }
        )

        assert (config.port, config.smtp_port) == (9001, 9025)
        assert config.chapa_secret_key == "CHASECK_TEST-mine"
        assert config.webhook_url == "http://127.0.0.1:9000/api/v1/payments/webhooks/chapa"

    def test_needs_nothing_said(self) -> None:
        assert SandboxConfig.read({}) == SandboxConfig()

    @pytest.mark.parametrize(
        "environ",
        [
            {"NEXUS_ENV": "production"},
            {"CHAPA_SECRET_KEY": "CHASECK-live"},
            {"SANDBOX_HOST": "0.0.0.0"},  # noqa: S104
            {"SANDBOX_HOST": "nexus.test"},
            {"SANDBOX_PORT": "http"},
            {"SANDBOX_SMTP_PORT": "99999"},
        ],
    )
    def test_refuses_to_be_mistaken_for_the_world(self, environ: dict[str, str]) -> None:
        with pytest.raises(UnsafeSandbox):
            SandboxConfig.read(environ)


class TestServe:
    def test_answers_until_it_is_told_to_stop(self) -> None:
        with sandbox_process(SANDBOX_PORT="0", SANDBOX_SMTP_PORT="0") as process:
            _, _, address, _, _, _, port = said(process).rstrip().split(" ")
            host, http_port = address.rstrip(",").removeprefix("http://").split(":")
            for number in (http_port, port):
                create_connection((host, int(number)), timeout=5).close()

            process.send_signal(signal.SIGTERM)

            assert process.wait(timeout=5) == 0

    @pytest.mark.parametrize("name", ["SANDBOX_PORT", "SANDBOX_SMTP_PORT"])
    def test_says_which_port_is_taken(self, name: str) -> None:
        with socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            ports = {"SANDBOX_PORT": "0", "SANDBOX_SMTP_PORT": "0", name: port}
            with sandbox_process(**ports) as process:
                _, complaint = process.communicate(timeout=15)

        assert process.returncode != 0
        assert port in complaint
