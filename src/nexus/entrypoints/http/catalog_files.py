"""CSV files of products: how they are read, and how cells are written that a spreadsheet opens."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO, TextIOWrapper
from itertools import chain
from typing import IO

import orjson

from nexus.application.ports.exchange import COLUMNS, OPTION, ExportedRow, Row
from nexus.domain.shared import ValidationFailed, invalid

MOST_ROWS = 100_000
_LONGEST_HEADER = 64 * 1024
_DELIMITERS = ",;\t"
# What a spreadsheet takes for a formula, behind the quotes that keep it from doing so.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_SHIELDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_TAGS_APART = re.compile(r"[,;|]")


def read_rows(file: IO[bytes]) -> Iterator[Row]:
    """Give the rows of a file in UTF-8 whose first row names the columns.

    Raise ValidationFailed for what is no such file, however far it was read.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    number = 1
    try:
        records = _records(text)
        header = read_header(next(records, []))
        for number, record in enumerate(records, 2):
            if number > MOST_ROWS + 1:
                raise _refusal(f"It has more than {MOST_ROWS} rows: send it in parts.")
            if any(cell.strip() for cell in record):
                yield _row(number, header, record)
    except UnicodeDecodeError as error:
        raise _refusal(f"Save it as UTF-8: something after row {number} is not.") from error
    except csv.Error as error:
        raise _refusal(f"After row {number}: {error}.") from error
    finally:
        # Whoever gave the file closes it.
        text.detach()


def _records(text: TextIOWrapper) -> Iterator[list[str]]:
    first = text.readline(_LONGEST_HEADER)
    if len(first) == _LONGEST_HEADER:
        raise _refusal("The first row is too long to name columns.")
    delimiter = max(_DELIMITERS, key=first.count)
    return csv.reader(chain([first], text), delimiter=delimiter, strict=True)


def read_header(names: Sequence[str]) -> list[str]:
    """Return the columns; refuse those that nobody knows, and files without SKUs."""
    header = [_column(name) for name in names]
    if not any(header):
        raise _refusal("It is empty: its first row has to name the columns.")
    if unknown := [it for it in header if it not in COLUMNS and not _is_option(it)]:
        known = f"{', '.join(COLUMNS)} and {OPTION}<name>"
        raise _refusal(f"Unknown column {unknown[0][:60]!r}. There are {known}.")
    if twice := sorted({it for it in header if header.count(it) > 1}):
        raise _refusal(f"The column {twice[0][:60]!r} stands there twice.")
    if "sku" not in header:
        raise _refusal("The column 'sku' is missing: it tells what a row is about.")
    return header


def _column(name: str) -> str:
    plain = name.strip()
    if plain.lower().startswith(OPTION):
        return OPTION + plain[len(OPTION) :].strip()
    return plain.lower()


def _is_option(column: str) -> bool:
    return column.startswith(OPTION) and len(column) > len(OPTION)


def _row(number: int, header: Sequence[str], record: Sequence[str]) -> Row:
    if any("\0" in cell for cell in record):
        raise _refusal(f"Row {number} holds a NUL character. Save the file as UTF-8.")
    named = zip(header, map(unshielded, record), strict=False)
    cells = {column: cell for column, cell in named if cell}
    if len(record) == len(header):
        return Row(number, cells)
    return Row(number, cells, f"It has {len(record)} cells, and the header has {len(header)}.")


def _refusal(message: str) -> ValidationFailed:
    return invalid("file", message)


def unshielded(cell: str) -> str:
    """Return what was meant by a cell, without the quote that `shielded` puts before it."""
    text = cell.strip()
    return text[1:] if _SHIELDED.match(text) else text


def shielded(text: str) -> str:
    """Return the text so that a spreadsheet shows it and does not run it."""
    return f"'{text}" if _FORMULA.match(text) else text


def read_tags(text: str) -> list[str]:
    """Read tags with commas, semicolons or bars between them, or as a JSON list."""
    if text.startswith("["):
        try:
            return list(orjson.loads(text))
        except (orjson.JSONDecodeError, TypeError):
            return [text]
    return [tag for it in _TAGS_APART.split(text) if (tag := it.strip())]


def _written_tags(tags: Sequence[str]) -> str:
    plain = ",".join(tags)
    return plain if read_tags(plain) == list(tags) else orjson.dumps(list(tags)).decode()


def csv_lines(options: Sequence[str], rows: Iterable[ExportedRow]) -> Iterator[str]:
    """Write the header, and then the rows as they come.

    An empty one sets products apart that bear one name.
    """
    yield _line([*COLUMNS, *(f"{OPTION}{it}" for it in options)])
    before: ExportedRow | None = None
    for row in rows:
        if before and before.name == row.name and before.product_id != row.product_id:
            yield _line([])
        yield _line([*_cells(row), *(shielded(row.options.get(it, "")) for it in options)])
        before = row


def _line(cells: Sequence[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cells(row: ExportedRow) -> list[str]:
    told = {
        "sku": shielded(row.sku),
        "name": shielded(row.name),
        "description": shielded(row.description),
        "price": row.price.text,
        "compare_at_price": row.compare_at_price.text if row.compare_at_price else "",
        "category": row.category or "",
        "status": row.status,
        "stock": str(row.stock),
        "brand": shielded(row.brand),
        "tags": shielded(_written_tags(row.tags)),
        "image_url": row.picture or "",
        "attributes": orjson.dumps(row.attributes).decode() if row.attributes else "",
    }
    return [told[column] for column in COLUMNS]
