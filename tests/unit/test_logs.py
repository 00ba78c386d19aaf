import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from flask import Flask

from nexus.entrypoints.http.conversation import install_conversation
from nexus.entrypoints.logs import configure_logs


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level, requests = root.handlers[:], root.level, structlog.get_config()
    yield root
    structlog.configure(**requests)
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


@pytest.mark.usefixtures("root")
class TestLogs:
    def test_write_a_line_of_json_with_every_fact(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logs("json")

        logging.getLogger("nexus.http").info("request", extra={"status": 200, "route": "/x"})

        line = json.loads(capsys.readouterr().out)
        assert line["event"] == "request"
        assert (line["logger"], line["level"]) == ("nexus.http", "info")
        assert (line["status"], line["route"]) == (200, "/x")
        assert line["timestamp"].endswith("Z")

    def test_name_the_request_that_every_line_belongs_to(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logs("json")
        app = Flask("shop")
        install_conversation(app)

        @app.get("/")
        def pay() -> str:
            logging.getLogger("nexus.chapa").warning("no usable answer")
            return ""

        for name in ("r-1", "r-2"):
            app.test_client().get("/", headers={"X-Request-ID": name})

        lines = map(json.loads, capsys.readouterr().out.splitlines())
        told = [(it["event"], it["request_id"]) for it in lines]
        assert told == [(e, r) for r in ("r-1", "r-2") for e in ("no usable answer", "request")]

    def test_fail_no_request_when_they_cannot_be_written(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full = StringIO()
        full.close()
        monkeypatch.setattr("sys.stdout", full)
        configure_logs("json")
        app = Flask("shop")
        install_conversation(app)
        app.add_url_rule("/", view_func=lambda: "paid")

        assert app.test_client().get("/").text == "paid"

    @pytest.mark.parametrize("form", ["json", "console"])
    def test_leave_out_secrets(self, form: str, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logs(form)

        secrets = {"password": "hush", "headers": {"Authorization": "hush"}, "tokens": ["hush"]}
        logging.getLogger("nexus").info("said", extra=secrets)

        assert "hush" not in capsys.readouterr().out

    @pytest.mark.parametrize("form", ["json", "console"])
    def test_tell_where_it_failed_but_no_local_variables(
        self, form: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logs(form)
        key = "hush"

        try:
            raise ValueError(len(key))
        except ValueError:
            logging.getLogger("nexus").exception("failed")

        written = capsys.readouterr().out
        assert "ValueError: 4" in written
        assert "'hush'" not in written
