"""Zip files of a CSV and its pictures, opened by somebody who trusts none of it."""

import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from nexus.domain.shared import ValidationFailed, invalid

MOST_ENTRIES = 5000
LARGEST_DIRECTORY = 2 * 1024 * 1024
LARGEST_PICTURE = 5 * 1024 * 1024
LARGEST_TOTAL = 500 * 1024 * 1024
MOST_RATIO = 200
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_ENCRYPTED = 0x1
_DAMAGED = (BadZipFile, zlib.error, EOFError)
# What the library trips over where it looks for entries; it has not implemented every compression,
# and says so with an exception of that name.
_ODD = (*_DAMAGED, ValueError, IndexError, OSError, NotImplementedError, struct.error)


class ZippedCatalog:
    """One CSV file, and the pictures that lie beside it; raise ValidationFailed for anything odd.

    Nothing is unpacked until it is asked for, and never more of it than is allowed.
    """

    def __init__(self, file: IO[bytes], *, most_csv_bytes: int) -> None:
        _require_small_directory(file)
        with _whole("The zip file", _ODD):
            self._zip = ZipFile(file)
            entries = [it for it in self._zip.infolist() if not _is_clutter(it)]
        for entry in entries:
            _require_harmless(entry)
        if sum(it.file_size for it in entries) > LARGEST_TOTAL:
            raise _refusal("Unpacked it would be too large.")
        tables = [it for it in entries if it.filename.lower().endswith(".csv")]
        if len(tables) != 1:
            raise _refusal(f"It has to hold one .csv file, and holds {len(tables)}.")
        self._table = tables[0]
        if self._table.file_size > most_csv_bytes:
            raise _refusal(f"The .csv file has more than {most_csv_bytes} bytes.")
        folder = PurePosixPath(self._table.filename).parent
        self._pictures = {
            str(PurePosixPath(it.filename).relative_to(folder)): it
            for it in entries
            if it is not self._table and PurePosixPath(it.filename).is_relative_to(folder)
        }

    @contextmanager
    def table(self) -> Iterator[IO[bytes]]:
        """Give the CSV file."""
        with _whole("The .csv file", _ODD):
            table = self._zip.open(self._table)
        with _whole("The .csv file", _DAMAGED), table:
            yield table

    def __contains__(self, name: object) -> bool:
        return name in self._pictures

    def read(self, name: str) -> bytes:
        entry = self._pictures[name]
        if entry.file_size > LARGEST_PICTURE:
            raise _refusal(f"{name[:100]!r} has more than {LARGEST_PICTURE} bytes.")
        with _whole(repr(name[:100]), _ODD), self._zip.open(entry) as picture:
            return picture.read(LARGEST_PICTURE)


class NoPictures:
    """A file that came alone."""

    def __contains__(self, name: object) -> bool:
        return False

    def read(self, name: str) -> bytes:
        raise KeyError(name)


def is_zip(file: IO[bytes]) -> bool:
    file.seek(0)
    beginning = file.read(4)
    file.seek(0)
    return beginning in (b"PK\x03\x04", _END)


@contextmanager
def _whole(name: str, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Refuse what cannot be unpacked; the library has many words for it."""
    try:
        yield
    except errors as error:
        raise _refusal(f"{name} is damaged.") from error


def _require_small_directory(file: IO[bytes]) -> None:
    """Look at the directory's own account of its size, before all of it is read into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise _refusal("It is no zip file, or a damaged one.")
    entries, length = struct.unpack_from("<HL", tail, at + 10)
    if _END_64 in tail[max(0, at - 20) : at] or entries > MOST_ENTRIES:
        raise _refusal(f"It holds more than {MOST_ENTRIES} files.")
    if length > LARGEST_DIRECTORY:
        raise _refusal("Its directory is too large.")


def _is_clutter(entry: ZipInfo) -> bool:
    """Whether it is a folder, or what an operating system put there for itself."""
    path = PurePosixPath(entry.filename)
    return entry.is_dir() or path.parts[:1] == ("__MACOSX",) or path.name.startswith(".")


def _require_harmless(entry: ZipInfo) -> None:
    name = entry.filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise _refusal(f"{name[:100]!r} leads out of the file.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refusal(f"{name[:100]!r} is a link.")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _refusal(f"{name[:100]!r} is packed in a way that is not understood.")
    if entry.file_size > MOST_RATIO * max(entry.compress_size, 1024):
        raise _refusal(f"{name[:100]!r} unpacks to suspiciously much.")


def _refusal(message: str) -> ValidationFailed:
    return invalid("file", message)
