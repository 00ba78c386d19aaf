"""What a picture costs in memory, measured in a process of its own."""

import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest

from tests.contracts.images import picture

pytestmark = pytest.mark.long

MEGABYTE = 1024 * 1024
PROGRAM = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from nexus.adapters.pictures import made_anew
from nexus.domain.shared import ValidationFailed

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

content = Path(sys.argv[1]).read_bytes()
before = most()
try:
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(made_anew, [content] * THREADS * 2))
    told = "made"
except ValidationFailed:
    told = "refused"
print(told, most() - before)
"""


def looked_at(content: bytes, directory: Path, *, threads: int = 1) -> tuple[str, int]:
    """Return what becomes of a picture, and the most bytes that it took at any moment."""
    place = directory / "picture"
    place.write_bytes(content)
    program = PROGRAM.replace("THREADS", str(threads))
    done = subprocess.run(
        [sys.executable, "-c", program, str(place)], capture_output=True, text=True, check=True
    )
    told, took = done.stdout.split()
    return told, int(took)


def promising(width: int, height: int) -> bytes:
    """Return a small PNG whose header promises a large one."""
    content = bytearray(picture())
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize("side", [7_000, 10_000, 20_000, 2**31 - 1])
def test_a_bomb_is_refused_before_it_is_decoded(side: int, tmp_path: Path) -> None:
    told, took = looked_at(promising(side, side), tmp_path)

    assert told == "refused"
    assert took < 10 * MEGABYTE


@pytest.mark.parametrize(
    ("kind", "mode", "most"),
    [
        *[("PNG", "1", 300), ("PNG", "RGBA", 450), ("PNG", "I;16", 250), ("JPEG", "RGB", 150)],
        ("WEBP", "RGB", 750),
    ],
)
def test_the_largest_that_are_taken_cost_little(
    kind: str, mode: str, most: int, tmp_path: Path
) -> None:
    told, took = looked_at(picture(kind, (7_900, 5_000), mode), tmp_path)

    assert told == "made"
    assert took < most * MEGABYTE


def test_several_at_once_cost_hardly_more_than_one(tmp_path: Path) -> None:
    told, took = looked_at(picture("WEBP", (7_900, 5_000)), tmp_path, threads=6)

    assert told == "made"
    assert took < 800 * MEGABYTE
