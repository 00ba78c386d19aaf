"""Pictures from addresses that somebody gave, who gets no further with them than by themselves."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import IPPROTO_TCP, SHUT_RDWR, create_connection, getaddrinfo, socket
from threading import Timer
from urllib.parse import quote, urljoin, urlsplit

from nexus.application.ports.exchange import PictureNotFetched

LARGEST = 5 * 1024 * 1024
MOST_REDIRECTS = 3
SILENCE_SECONDS, TOTAL_SECONDS = 5.0, 15.0
_CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_PORTS = {"http": 80, "https": 443}
# Gateways that reach IPv4 from IPv6 carry the address in the last bits.
_NAT64 = IPv6Network("64:ff9b::/96")
# Public addresses are given out of these alone; others once stood for IPv4, or for a site.
_GIVEN_OUT = IPv6Network("2000::/3")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._"
_HEADERS = {
    "Accept": "image/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "nexus",
}

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Target:
    """Where an address leads: the host as it is called, and as it is reached."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[Address, ...]

    @property
    def called(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class SafePictureFetcher:
    """Resolves a host once, and connects to what it has looked at and to nothing else."""

    def __init__(self, *, allow_loopback: bool, total_seconds: float = TOTAL_SECONDS) -> None:
        self._allow_loopback = allow_loopback
        self._total_seconds = total_seconds
        self._tls = ssl.create_default_context()

    def fetch(self, url: str) -> bytes:
        line = _Line()
        watch = Timer(self._total_seconds, line.cut)
        watch.daemon = True
        watch.start()
        try:
            return self._follow(url, line)
        except PictureNotFetched:
            raise
        except (OSError, HTTPException, ValueError) as error:
            reason = "It took too long." if line.is_cut else "It could not be read from there."
            raise PictureNotFetched(reason) from error
        finally:
            watch.cancel()
            line.hang_up()

    def _follow(self, url: str, line: _Line) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            with self._ask(self._target(url), line) as answer:
                if answer.status not in _REDIRECTS:
                    return _content(answer, line)
                url = urljoin(url, answer.getheader("Location") or "")
            line.hang_up()
        raise PictureNotFetched(f"It is redirected more than {MOST_REDIRECTS} times.")

    def _target(self, url: str) -> Target:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise PictureNotFetched("Only http and https addresses are fetched.")
        if parts.username is not None or parts.password is not None:
            raise PictureNotFetched("The address must not hold a user name or password.")
        host = parts.hostname
        host = host if ":" in host else host.encode("idna").decode()
        port = parts.port or _PORTS[parts.scheme]
        path = quote(parts.path or "/", safe=_SAFE_IN_PATH)
        query = f"?{quote(parts.query, safe=_SAFE_IN_PATH + '?')}" if parts.query else ""
        return Target(parts.scheme, host, port, path + query, self._addresses(host, port))

    def _addresses(self, host: str, port: int) -> tuple[Address, ...]:
        found = dict.fromkeys(it[4][0] for it in getaddrinfo(host, port, proto=IPPROTO_TCP))
        addresses = tuple(ip_address(str(it).partition("%")[0]) for it in found)
        if not addresses or not all(map(self._is_allowed, addresses)):
            raise PictureNotFetched("Its host is not on the public Internet.")
        return addresses

    def _is_allowed(self, address: Address) -> bool:
        meant = _embedded(address)
        return is_public(meant) or (self._allow_loopback and meant.is_loopback)

    def _ask(self, target: Target, line: _Line) -> HTTPResponse:
        line.take(_connected(target, line))
        if target.scheme == "https":
            line.secure(self._tls, target.host)
        # It finds a connection that stands, so it makes none of its own.
        asking = HTTPConnection(target.host, target.port)
        asking.sock = line.socket
        asking.request("GET", target.path, headers=_HEADERS | {"Host": target.called})
        return asking.getresponse()


class _Line:
    """The connection at hand, which the clock may cut."""

    def __init__(self) -> None:
        self.socket: socket | None = None
        self.is_cut = False

    def take(self, connection: socket) -> None:
        self.socket = connection
        self.require_time()

    def require_time(self) -> None:
        if self.is_cut:
            raise TimeoutError

    def secure(self, tls: ssl.SSLContext, host: str) -> None:
        if self.socket:
            # While it is being secured nobody can cut it.
            self.take(tls.wrap_socket(self.socket, server_hostname=host))

    def cut(self) -> None:
        self.is_cut = True
        with suppress(OSError):
            if self.socket:
                self.socket.shutdown(SHUT_RDWR)

    def hang_up(self) -> None:
        if self.socket:
            self.socket.close()
            self.socket = None


def _connected(target: Target, line: _Line) -> socket:
    for address in target.addresses:
        line.require_time()
        with suppress(OSError):
            return create_connection((str(address), target.port), timeout=SILENCE_SECONDS)
    raise PictureNotFetched("Nobody answers there.")


def _content(answer: HTTPResponse, line: _Line) -> bytes:
    if answer.status != 200:
        raise PictureNotFetched(f"It answers {answer.status}.")
    if answer.getheader("Content-Encoding", "identity") != "identity":
        raise PictureNotFetched("It is compressed, which nobody asked for.")
    content = bytearray()
    # As it comes: whoever waits for a whole block does not notice how slowly it does.
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise PictureNotFetched(f"It has more than {LARGEST} bytes.")
    if line.is_cut:
        raise PictureNotFetched("It took too long.")
    return bytes(content)


def is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that one of IPv6 stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
