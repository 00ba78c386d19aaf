"""Pictures from anywhere in the world, and from nowhere else."""

from collections.abc import Iterator
from socket import AF_INET, SOCK_STREAM, socket
from threading import Event
from time import monotonic
from typing import Any

import pytest

from nexus.adapters import picture_fetcher
from nexus.adapters.picture_fetcher import SafePictureFetcher
from nexus.application.ports.exchange import PictureNotFetched
from tests.integration.strange_server import StrangeServer, strange_server

PICTURE = b"what a picture is made of"


@pytest.fixture(scope="module")
def server() -> Iterator[StrangeServer]:
    with strange_server(PICTURE) as it:
        yield it


@pytest.fixture
def at_home() -> SafePictureFetcher:
    return SafePictureFetcher(allow_loopback=True)


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have every name lead to these addresses; return the names that are asked for."""
    asked: list[str] = []

    def answer(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(AF_INET, SOCK_STREAM, 6, "", (it, port)) for it in addresses]

    monkeypatch.setattr(picture_fetcher, "getaddrinfo", answer)
    return asked


class TestFetch:
    def test_returns_what_lies_there(
        self, at_home: SafePictureFetcher, server: StrangeServer
    ) -> None:
        assert at_home.fetch(server.url("/mug.png")) == PICTURE
        assert at_home.fetch(server.url("/a ጽዋ.png?size=1 0#top")) == PICTURE
        assert server.asked[-1][1] == "/a%20%E1%8C%BD%E1%8B%8B.png?size=1%200"

    def test_follows_three_redirects_and_no_more(
        self, at_home: SafePictureFetcher, server: StrangeServer
    ) -> None:
        assert at_home.fetch(server.url("/redirect/2")) == PICTURE
        with pytest.raises(PictureNotFetched) as refusal:
            at_home.fetch(server.url("/redirect/3"))
        assert "redirected" in refusal.value.reason

    @pytest.mark.parametrize(
        ("path", "reason"),
        [("/absent.png", "404"), ("/huge.png", "more than"), ("/packed.png", "compressed")],
    )
    def test_says_why_it_has_none(
        self, at_home: SafePictureFetcher, server: StrangeServer, path: str, reason: str
    ) -> None:
        with pytest.raises(PictureNotFetched) as refusal:
            at_home.fetch(server.url(path))
        assert reason in refusal.value.reason

    def test_waits_so_long_and_no_longer(self, server: StrangeServer) -> None:
        hasty = SafePictureFetcher(allow_loopback=True, total_seconds=0.3)

        begun = monotonic()
        with pytest.raises(PictureNotFetched) as refusal:
            hasty.fetch(server.url("/endless.png"))

        assert "too long" in refusal.value.reason
        assert monotonic() - begun < 3

    def test_does_not_try_address_after_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        resolving(monkeypatch, *(f"127.0.0.{it}" for it in range(1, 101)))
        tried = []

        def silence(address: tuple[str, int], timeout: float) -> socket:
            tried.append(address)
            Event().wait(0.02)
            raise TimeoutError

        monkeypatch.setattr(picture_fetcher, "create_connection", silence)
        with pytest.raises(PictureNotFetched) as refusal:
            SafePictureFetcher(allow_loopback=True, total_seconds=0.05).fetch("http://a.example/")

        assert "too long" in refusal.value.reason
        assert len(tried) < 10

    def test_says_so_where_nobody_answers(self, at_home: SafePictureFetcher) -> None:
        with pytest.raises(PictureNotFetched) as refusal:
            at_home.fetch("http://127.0.0.1:1/mug.png")
        assert "Nobody" in refusal.value.reason


class TestWhereItDoesNotGo:
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0.0.0.0/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
            "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://224.0.0.1/",
            "http://240.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://[ff02::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[2002:a00:1::]/",
            "http://[::127.0.0.1]/",
            "http://[::ffff:0:127.0.0.1]/",
            "http://[fec0::1]/",
        ],
    )
    def test_is_inside(self, url: str) -> None:
        with pytest.raises(PictureNotFetched) as refusal:
            SafePictureFetcher(allow_loopback=False).fetch(url)
        assert "public Internet" in refusal.value.reason

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://example.com/a.png",
            "file:///etc/passwd",
            "gopher://example.com/",
            "//example.com/a.png",
            "http://",
            "http:///a.png",
            "http://user:word@example.com/a.png",
            "http://example.com:99999/",
            "http://exa\u0000mple.com/",
            "http://" + "a" * 70 + ".com/",
            "http://[::1/",
        ],
    )
    def test_is_no_address_of_a_picture(self, url: str) -> None:
        with pytest.raises(PictureNotFetched):
            SafePictureFetcher(allow_loopback=False).fetch(url)

    def test_is_where_it_is_sent_on_to(
        self, at_home: SafePictureFetcher, server: StrangeServer
    ) -> None:
        with pytest.raises(PictureNotFetched) as refusal:
            at_home.fetch(server.url("/inwards"))
        assert "public Internet" in refusal.value.reason

    def test_is_a_host_that_is_inside_as_well(
        self, monkeypatch: pytest.MonkeyPatch, at_home: SafePictureFetcher
    ) -> None:
        resolving(monkeypatch, "93.184.215.14", "10.0.0.1")

        with pytest.raises(PictureNotFetched) as refusal:
            at_home.fetch("http://shop.example/mug.png")
        assert "public Internet" in refusal.value.reason

    def test_is_not_asked_for_a_second_time(
        self,
        monkeypatch: pytest.MonkeyPatch,
        at_home: SafePictureFetcher,
        server: StrangeServer,
    ) -> None:
        asked = resolving(monkeypatch, "127.0.0.1")

        at_home.fetch(server.url("/mug.png", "shop.example"))

        assert asked == ["shop.example"]
        assert server.asked[-1] == (f"shop.example:{server.port}", "/mug.png")
