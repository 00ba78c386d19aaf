"""Pictures on the local disk."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile

from nexus.adapters.pictures import made_anew
from nexus.application.ports.images import picture_of, thumbnail_of


class ImageFiles:
    """Keeps each picture and its thumbnail below the root."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    def put(self, name: str, content: bytes) -> str:
        path = f"{name}.webp"
        for place, made in zip((path, thumbnail_of(path)), made_anew(content), strict=True):
            self._write(place, made)
        return path

    def remove(self, path: str) -> None:
        for place in (path, thumbnail_of(path)):
            (self._root / place).unlink(missing_ok=True)

    def kept(self, folder: str, *, before: datetime) -> Iterator[str]:
        for place, _, names in os.walk(self._root / folder):
            for file in (Path(place, name) for name in names):
                if _is_older(file, before):
                    yield picture_of(file.relative_to(self._root).as_posix())

    def check(self) -> str:
        """Say where the pictures are kept, or raise."""
        place = self._root.absolute()
        place.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=place) as file:
            file.write(b"nexus")
        return f"{place} can be written"

    def _write(self, path: str, content: bytes) -> None:
        """Write it aside and rename it, so that nobody is served half a picture."""
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(content)
        os.chmod(file.name, 0o644)
        os.replace(file.name, place)


def _is_older(file: Path, moment: datetime) -> bool:
    """What somebody has removed meanwhile is neither older nor younger."""
    try:
        return file.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False
