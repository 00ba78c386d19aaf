import csv
from io import StringIO
from typing import Any

import pytest

from tests.integration.catalogue import make
from tests.integration.exchange import finish, send
from tests.integration.shop import Shop, Visitor

FORMULA = '=HYPERLINK("http://evil.test","x")'


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def exported(staff: Visitor, query: str = "") -> list[dict[str, str]]:
    answer = staff.get(f"/catalog/export{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.text, newline="")))


def fill(staff: Visitor) -> None:
    """Put into the shop whatever a file could lose."""
    parent = staff.post("/categories", {"name": "Clothes"}).json["id"]
    staff.post("/categories", {"name": "Shirts", "parent_id": parent})
    make(
        staff,
        "Tee, ቲሸርት",
        "300.50",
        compare_at_price="400",
        category="shirts",
        description='Two lines,\r\nand a "quote"; all of it.',
        brand="-Abay",
        tags=["a, b", "c"],
        attributes={"grams": 500, "share": 0.5, "deep": {"list": [1, None, "x"]}},
        variants=[
            {"sku": "TEE-S", "options": {"size": "S", "+fit": "=1+1"}, "stock": 3},
            {"sku": "TEE-M", "options": {"size": "M"}, "price": "310", "stock": 0},
            {"sku": "TEE-L", "options": {"size": "L"}, "is_active": False},
        ],
    )
    make(staff, FORMULA, "0", sku="'-1", status="draft", tags=["x", "y"], stock=7)
    make(staff, "@cmd", "1", sku="+2", attributes={"a": "=1"})
    for sku in ("CAP-1", "CAP-2"):
        make(staff, "Cap", variants=[{"sku": sku, "options": {"size": "S"}}])


class TestExport:
    def test_has_a_row_for_each_variant(self, staff: Visitor, shop: Shop) -> None:
        fill(staff)

        rows = exported(staff)

        assert [it["sku"] for it in rows] == [
            "TEE-S",
            "TEE-M",
            "TEE-L",
            "''-1",
            "'+2",
            "CAP-1",
            "CAP-2",
        ]
        small, medium = rows[:2]
        assert (small["price"], small["compare_at_price"]) == ("300.50", "400.00")
        assert (medium["price"], medium["category"], medium["stock"]) == ("310.00", "shirts", "0")
        assert (small["option:size"], small["option:+fit"]) == ("S", "'=1+1")

    def test_comes_as_a_file(self, staff: Visitor) -> None:
        answer = staff.get("/catalog/export")

        assert answer.content_type == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=catalog-")
        assert answer.text.startswith("sku,name,description,price,")

    def test_holds_nothing_that_a_spreadsheet_would_run(self, staff: Visitor) -> None:
        fill(staff)

        cells = [cell for row in exported(staff) for cell in row.values()]

        assert not [it for it in cells if it[:1] in ("=", "+", "-", "@", "\t", "\r")]
        assert f"'{FORMULA}" in cells

    def test_changes_nothing_when_it_comes_back(self, staff: Visitor, shop: Shop) -> None:
        fill(staff)
        before = staff.get("/catalog/export")
        pages = [staff.get(f"/products/{it}").json for it in ids(staff)]

        job_id = send(staff, before.data).json["id"]
        finish(shop)

        job = staff.get(f"/jobs/{job_id}").json
        assert (job["errors"], job["counts"]) == ([], {"unchanged": 7})
        assert [staff.get(f"/products/{it}").json for it in ids(staff)] == pages
        assert staff.get("/catalog/export").data == before.data

    def test_makes_the_same_catalogue_elsewhere(self, staff: Visitor, shop: Shop) -> None:
        fill(staff)
        file = staff.get("/catalog/export").data
        with shop.engine.begin() as db:
            db.exec_driver_sql("DELETE FROM products")

        send(staff, file)
        finish(shop)

        assert lines(staff.get("/catalog/export").data) == lines(file)

    def test_is_read_in_batches(
        self, staff: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(staff)
        whole = exported(staff)

        monkeypatch.setattr("nexus.adapters.sql.queries.catalog_export.BATCH", 2)

        assert exported(staff) == whole

    def test_leaves_out_what_is_not_asked_for(self, staff: Visitor) -> None:
        fill(staff)

        assert [it["sku"] for it in exported(staff, "?status=draft")] == ["''-1"]
        assert [it["sku"] for it in exported(staff, "?category=clothes")] == [
            *("TEE-S", "TEE-M", "TEE-L"),
        ]
        assert exported(staff, "?category=nowhere") == []
        assert staff.get("/catalog/export?status=sold").status_code == 422

    def test_is_written_down(self, staff: Visitor, shop: Shop) -> None:
        exported(staff, "?status=draft")

        (after,) = shop.one("SELECT after FROM audit_log WHERE action = 'catalog.exported'")
        assert after == {"status": "draft"}


def ids(staff: Visitor) -> list[Any]:
    return [it["id"] for it in staff.get("/products?ordering=created_at").json["results"]]


def lines(file: bytes) -> list[str]:
    return sorted(filter(None, file.decode().splitlines()))
