from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.application.ports.exchange import COLUMNS, ExportedRow, Row
from nexus.domain.shared import Money, ValidationFailed, new_id
from nexus.entrypoints.http import catalog_files
from nexus.entrypoints.http.catalog_files import (
    csv_lines,
    read_rows,
    read_tags,
    shielded,
    unshielded,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def exported(**said: object) -> ExportedRow:
    told: dict[str, object] = dict.fromkeys(("sku", "name", "description", "brand"), "x")
    told |= {"product_id": new_id()}
    told |= {"price": Money(1), "compare_at_price": None, "category": None, "status": "active"}
    told |= {"stock": 1, "tags": (), "picture": None, "attributes": {}, "options": {}}
    return ExportedRow(**told | said)  # type: ignore[arg-type]


def back(row: ExportedRow, *options: str) -> Row:
    """Write the row into a file, and read it."""
    file = "".join(csv_lines(options, [row])).encode()
    (read,) = read_rows(BytesIO(file))
    return read


class TestCells:
    @given(TEXT)
    def test_come_back_as_they_were(self, text: str) -> None:
        assert unshielded(shielded(text.strip())) == text.strip()

    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''-1"]
    )
    def test_that_look_like_formulas_begin_with_a_quote(self, text: str) -> None:
        assert shielded(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["1-1", "a=b", "'quoted'", "", "የቡና @"])
    def test_that_do_not_are_left_alone(self, text: str) -> None:
        assert shielded(text) == text == unshielded(text)

    @given(TEXT, TEXT)
    def test_hold_anything_that_is_text(self, name: str, value: str) -> None:
        row = back(exported(name=name, options={"size": value}), "size")

        assert row.fault == ""
        assert row.cells.get("name", "") == name.strip()
        assert row.cells.get("option:size", "") == value.strip()

    @given(st.lists(TEXT.map(str.strip).filter(bool), max_size=5))
    def test_hold_any_tags(self, tags: list[str]) -> None:
        cell = back(exported(tags=tags)).cells.get("tags", "[]")

        assert read_tags(cell) == tags


class TestTags:
    @pytest.mark.parametrize("text", ["a,b", "a, b ,", "a;b", "a|b", '["a","b"]'])
    def test_are_read_as_people_write_them(self, text: str) -> None:
        assert read_tags(text) == ["a", "b"]


class TestRows:
    def test_are_counted_from_the_header(self) -> None:
        file = b'sku,name\n\nA,"Two\nlines"\n,\nB,Cup\n'

        assert [(it.number, it.cells["sku"]) for it in read_rows(BytesIO(file))] == [
            (3, "A"),
            (5, "B"),
        ]

    def test_are_not_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(catalog_files, "MOST_ROWS", 2)

        assert len(list(read_rows(BytesIO(b"sku\nA\nB\n")))) == 2
        with pytest.raises(ValidationFailed):
            list(read_rows(BytesIO(b"sku\nA\n\nB\n")))

    def test_have_the_columns_that_an_export_has(self) -> None:
        header = next(csv_lines(["size"], []))

        assert header == ",".join([*COLUMNS, "option:size"]) + "\r\n"
