"""Who really calls: what a proxy says of that is believed if the proxy is ours."""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Networks = Sequence[IPv4Network | IPv6Network]


def behind_proxies(wsgi: Wsgi, *, trusted: Networks) -> Wsgi:
    """Wrap the application so that it sees the client instead of the proxies before it."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        peer = environ.get("REMOTE_ADDR", "")
        if is_trusted(peer, trusted):
            forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
            environ["REMOTE_ADDR"] = client(peer, forwarded, trusted)
            if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
                environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        return wsgi(environ, start_response)

    return application


def client(peer: str, forwarded: str, trusted: Networks) -> str:
    """Return the last address that no proxy of ours has: whatever stands before it may be made up.

    A proxy adds the address that called it at the end. What is no address at all is left alone.
    """
    for hop in reversed([it.strip() for it in forwarded.split(",") if it.strip()]):
        if not is_trusted(peer, trusted) or not is_address(hop):
            break
        peer = hop
    return peer


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_trusted(text: str, trusted: Networks) -> bool:
    return is_address(text) and any(ip_address(text) in network for network in trusted)
