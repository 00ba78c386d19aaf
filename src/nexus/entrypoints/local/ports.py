"""Ports are looked at before anything starts."""

import socket
from collections.abc import Mapping

from nexus.entrypoints.local.server import CannotRun


def refuse_taken_ports(ports: Mapping[str, int]) -> None:
    """Raise CannotRun naming every port that somebody holds, and the variable that moves it."""
    taken = [
        f"Port {port} is taken: stop what listens there, or set {name} to another port."
        for name, port in ports.items()
        if not is_free(port)
    ]
    if taken:
        raise CannotRun("\n".join(taken))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that connections that are only fading away do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
