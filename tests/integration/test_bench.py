"""The benchmark measures, whatever it finds, and counts what goes wrong."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.generator import Question, ask, fetch, request_for
from nexus.entrypoints.local.server import CannotRun

pytestmark = pytest.mark.long

BODY = b"buna"


class Doors(BaseHTTPRequestHandler):
    """Answers rightly at /open, with 404 at /shut, and hangs up at /lost."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/lost":
            self.close_connection = True
            return
        self.send_response(200 if self.path == "/open" else 404)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def doors() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Doors) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class TestTheLoad:
    def test_counts_what_is_answered_as_expected(self, doors: int) -> None:
        questions = [Question(request_for("/open"), len(BODY))]

        measured = ask(doors, questions, connections=3, lasting=0.05)

        assert len(measured.seconds) >= 3
        assert measured.failed == 0

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param(Question(request_for("/shut"), len(BODY)), id="another status"),
            pytest.param(Question(request_for("/open"), 2 * len(BODY)), id="another length"),
            pytest.param(Question(request_for("/lost"), len(BODY)), id="no answer"),
        ],
    )
    def test_counts_what_is_not(self, doors: int, wrong: Question) -> None:
        questions = [wrong, Question(request_for("/open"), len(BODY))]

        measured = ask(doors, questions, connections=2, lasting=0.05)

        assert measured.failed > 0
        assert measured.seconds

    @pytest.mark.parametrize("path", ["/shut", "/lost"])
    def test_takes_nothing_but_a_right_answer_for_a_model(self, doors: int, path: str) -> None:
        assert fetch(doors, "/open") == BODY

        with pytest.raises(CannotRun):
            fetch(doors, path)


class TestTheBenchmark:
    def test_measures_everybody_and_writes_the_tables_down(self, tmp_path: Path) -> None:
        options = ["--seconds=0.05", "--rounds=1", "--sizes=1000", "--explain"]
        written = tmp_path / "measured.md"
        where = [f"--home={tmp_path / 'bench'}", f"--markdown={written}"]

        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.catalogue", *options, *where],
            env=os.environ | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
        )

        assert run.returncode == 0, run.stderr
        said = written.read_text()
        rows = [line.split(" | ") for line in said.splitlines() if line.startswith("| W")]
        measured = [row for row in rows if len(row) == 10]
        assert len(measured) == 5 * 4
        assert {row[-1] for row in measured} == {"0 |"}
        for title in ("1,000 products", "What is asked", "memory"):
            assert title in said
            assert title in run.stdout
        assert run.stdout.count("Execution Time") >= 5
