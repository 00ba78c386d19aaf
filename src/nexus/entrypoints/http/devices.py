"""What is kept of where a session comes from: enough to know it again, too little to follow it."""

import re
from ipaddress import ip_address, ip_network

from flask import request

from nexus.domain.sessions import Origin

LONGEST = 80
# Each names itself and those it descends from, so the most particular one stands first.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def current_origin() -> Origin:
    agent = request.headers.get("User-Agent", "")
    return Origin(device(agent), network(request.remote_addr or ""))


def device(agent: str) -> str:
    """Return `Firefox on Android` of a browser, and the first word of any other program."""
    browser = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in agent), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), None)
    if browser and system:
        return f"{browser} on {system}"
    first = re.match(r"[\w .+-]*", agent, re.ASCII)
    return (first[0].strip() if first else "")[:LONGEST]


def network(address: str) -> str:
    """Return the network around an address: /24, or /48 of IPv6."""
    try:
        host = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(ip_network((host, 24 if host.version == 4 else 48), strict=False))
