"""What the processes on this machine are told: where they listen and where the others are."""

import os
from collections.abc import Mapping
from pathlib import Path

from honcho.environ import parse

from nexus.entrypoints.local.server import CannotRun

PORTS = {"NEXUS_PORT": 8000, "SANDBOX_PORT": 8001, "SANDBOX_SMTP_PORT": 8025}


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """Complete the environment; what it and the file .env say already stays as it is."""
    file = Path(".env")
    told = (dict(parse(file.read_text())) if file.exists() else {}) | dict(environ)
    if told.get("NEXUS_ENV", "local") != "local":
        raise CannotRun("nexus run is for NEXUS_ENV=local: start each process by itself elsewhere.")
    ports = {name: str(port) for name, port in ports_of(told).items()}
    data = Path(told.get("NEXUS_DATA_DIR") or "var").absolute()
    return (
        {
            "NEXUS_ENV": "local",
            "PUBLIC_URL": f"http://127.0.0.1:{ports['NEXUS_PORT']}",
            "CHAPA_BASE_URL": f"http://127.0.0.1:{ports['SANDBOX_PORT']}/chapa/v1",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": ports["SANDBOX_SMTP_PORT"],
            "MEDIA_ROOT": str(data / "media"),
            "PYTHONUNBUFFERED": "1",
        }
        | told
        | ports
        | {"NEXUS_DATA_DIR": str(data), "NO_PROXY": with_loopback(told.get("NO_PROXY", ""))}
    )


def ports_of(environ: Mapping[str, str]) -> dict[str, int]:
    ports = {}
    for name, default in PORTS.items():
        text = environ.get(name) or str(default)
        if not text.isdecimal() or not 0 < int(text) < 65_536:
            raise CannotRun(f"{name} is not a port: {text}")
        ports[name] = int(text)
    return ports


def with_loopback(no_proxy: str) -> str:
    return ",".join(filter(None, [no_proxy, "127.0.0.1", "localhost"]))


def make_directories(data: Path) -> None:
    try:
        for name in ("media", "log"):
            (data / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"Nexus cannot write to {data}: {error.strerror}.") from error
    if not os.access(data, os.W_OK):
        raise CannotRun(f"Nexus may not write to {data}: it belongs to another user.")
