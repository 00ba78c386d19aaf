"""The web server as it runs: gunicorn, its processes, its log."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.integration.processes import Running, address, running, wait_for

pytestmark = pytest.mark.long

BODY = b'{"email": "hana@example.com"}'


@pytest.fixture
def web(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Running]:
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "NEXUS_PORT": "0",
        "LOG_FORMAT": "json",
    }
    with running("web", tmp_path / "web.log", environ) as web:
        wait_for(lambda: web.says("Listening at"))
        yield web
        web.stop()


def lines(web: Running) -> list[dict[str, object]]:
    return [json.loads(line) for line in web.log.read_text().splitlines()]


def sent(web: Running, request: bytes) -> bytes:
    """Return the status line that answers."""
    with socket.create_connection(address(web), timeout=20) as client:
        client.sendall(request)
        return client.recv(4096).partition(b"\r\n")[0]


def chunked(*chunks: bytes) -> bytes:
    return (
        b"POST /api/v1/auth/verify-email/resend HTTP/1.1\r\nHost: nexus.test\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)
    )


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class TestWeb:
    @pytest.mark.parametrize(
        ("request_", "status", "code"),
        [
            (b"GET /api/v1/products?search=" + b"x" * 10_000 + b" HTTP/1.1\r\n", 414, "too_long"),
            (b"GET /api/v1/products HTTP/1.1\r\nHost nexus.test\r\n\r\n", 400, "malformed_request"),
            (b"GET /api/v1/products\r\n\r\n", 400, "malformed_request"),
        ],
    )
    def test_refuses_in_the_words_of_the_api_what_is_no_request(
        self, web: Running, request_: bytes, status: int, code: str
    ) -> None:
        with socket.create_connection(address(web), timeout=20) as client:
            client.sendall(request_)
            head, _, body = client.recv(4096).partition(b"\r\n\r\n")

        assert head.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"Content-Type: application/problem+json" in head
        assert json.loads(body)["code"] == code

    def test_reads_chunks_that_are_whole_and_not_too_many(self, web: Running) -> None:
        blank = chunk(b" " * 100_000)

        answers = [
            sent(web, chunked(chunk(BODY[:9]), chunk(BODY[9:]), chunk(b""))),
            sent(web, chunked(chunk(BODY), *[blank] * 15, chunk(b""))),
            sent(web, chunked(b"zz\r\n")),
        ]

        assert [it.split()[1] for it in answers] == [b"202", b"413", b"400"]

    def test_lets_no_header_say_which_path_is_asked_for(self, web: Running) -> None:
        request = b"GET /healthz HTTP/1.1\r\nHost: nexus.test\r\n%b: /nowhere\r\n\r\n"

        answers = [sent(web, request % name) for name in (b"SCRIPT_NAME", b"PATH_INFO")]

        assert [it.split()[1] for it in answers] == [b"200", b"200"]

    def test_answers_and_logs_a_line_for_each_request(self, web: Running) -> None:
        host, port = address(web)

        answer = requests.get(
            f"http://{host}:{port}/api/v1/nowhere?token=hush",
            headers={"X-Request-ID": "r-1", "Authorization": "Bearer hush"},
            timeout=20,
        )

        assert answer.status_code == 404
        wait_for(lambda: web.says('"r-1"'))
        (line,) = [it for it in lines(web) if it["event"] == "request"]
        assert (line["request_id"], line["status"]) == ("r-1", 404)
        assert not web.says("hush")

    def test_finishes_what_it_has_begun_when_it_is_asked_to_stop(self, web: Running) -> None:
        with socket.create_connection(address(web), timeout=20) as client:
            client.sendall(
                b"POST /api/v1/auth/verify-email/resend HTTP/1.1\r\nHost: nexus.test\r\n"
                b"Content-Type: application/json\r\nExpect: 100-continue\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY)
            )
            assert client.recv(1024).startswith(b"HTTP/1.1 100")
            web.process.terminate()
            wait_for(lambda: web.says("Handling signal: term"))
            client.sendall(BODY)

            assert client.recv(1024).startswith(b"HTTP/1.1 202")
        assert web.process.wait(20) == 0

    def test_does_not_start_where_money_is_real_with_keys_that_protect_nothing(
        self, tmp_path: Path
    ) -> None:
        environ = {
            "NEXUS_ENV": "production",
            "DATABASE_URL": "postgresql://db/nexus",
            "REDIS_URL": "redis://cache/0",
            "SMTP_HOST": "mail",
            "SECRET_KEY": "short",
            "JWT_SECRET_KEY": "a" * 64,
        }

        with running("web", tmp_path / "web.log", environ) as web:
            status = web.process.wait(20)

        assert status != 0
        assert web.says("SECRET_KEY is shorter than 32")
        assert web.says("JWT_SECRET_KEY is too regular to be a secret")
        assert not web.says("Traceback")
