import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psutil
import pytest

from nexus.entrypoints.local.programs import Program, Voices, stop_programs
from nexus.entrypoints.local.record import Record, is_supervised, sole_supervisor
from nexus.entrypoints.local.server import CannotRun, wait_until
from nexus.entrypoints.local.shop import status

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def output() -> StringIO:
    return StringIO()


@pytest.fixture
def environ() -> dict[str, str]:
    ports = {name: str(free_port()) for name in ("SANDBOX_PORT", "SANDBOX_SMTP_PORT")}
    return dict(os.environ) | {"NEXUS_ENV": "local", "PYTHONUNBUFFERED": "1"} | ports


@pytest.fixture
def sandbox(environ: dict[str, str], output: StringIO) -> Iterator[Program]:
    program = Program("sandbox", environ, Voices(output, ["sandbox"]))
    program.start()
    yield program
    stop_programs([program])


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


class TestProgram:
    def test_comes_back_after_kill_9(
        self, sandbox: Program, environ: dict[str, str], output: StringIO
    ) -> None:
        mailbox = f"http://127.0.0.1:{environ['SANDBOX_PORT']}/mailbox"
        assert wait_until(lambda: status(mailbox) == 200, seconds=20)

        assert sandbox.pid
        os.kill(sandbox.pid, signal.SIGKILL)

        assert wait_until(sandbox.tend, seconds=10)
        assert wait_until(lambda: status(mailbox) == 200, seconds=20)
        assert "died with -9, starts again in" in output.getvalue()

    def test_is_given_up_when_it_does_not_stay_up(self, environ: dict[str, str]) -> None:
        wrong = environ | {"NEXUS_ENV": "production"}
        program = Program("sandbox", wrong, Voices(StringIO(), ["sandbox"]))
        program.start()

        def gives_up() -> bool:
            program.tend()
            try:
                program.refuse_to_wait()
            except CannotRun:
                return True
            return False

        assert wait_until(gives_up, seconds=30)
        stop_programs([program])


class TestSupervision:
    def test_is_of_one_supervisor_who_says_where_the_shop_is(self, tmp_path: Path) -> None:
        with sole_supervisor(tmp_path):
            Record("http://127.0.0.1:9000", "http://127.0.0.1:9001").save(tmp_path)

            assert is_supervised(tmp_path)
            with (
                pytest.raises(CannotRun, match=r"already, at http://127\.0\.0\.1:9000"),
                sole_supervisor(tmp_path),
            ):
                pass
        assert not is_supervised(tmp_path)

    def test_ends_what_outlived_a_killed_supervisor(
        self, tmp_path: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        born = psutil.Process(sleeper.pid).create_time()
        Record("", "", {sleeper.pid: born}).save(tmp_path)

        with sole_supervisor(tmp_path):
            assert not psutil.pid_exists(sleeper.pid)

    def test_spares_a_process_that_was_given_the_number_later(
        self, tmp_path: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        Record("", "", {sleeper.pid: 1.0}).save(tmp_path)

        with sole_supervisor(tmp_path):
            assert sleeper.poll() is None
