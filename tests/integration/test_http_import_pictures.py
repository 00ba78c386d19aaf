"""Pictures that come with a file: from addresses, and from beside it in an archive."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from PIL import Image

from nexus.entrypoints.http import zip_files
from tests.integration.catalogue import make
from tests.integration.exchange import csv_of, finish, imported, send, zip_of
from tests.integration.shop import Shop, Visitor
from tests.integration.strange_server import StrangeServer, strange_server

NAMES = ["sku", "name", "price", "image_url"]


def picture(colour: str = "red") -> bytes:
    file = BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def shop(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that keeps its pictures where nobody else does."""
    shop = Shop(database_url, MEDIA_ROOT=str(tmp_path_factory.mktemp("media")))
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def server() -> Iterator[StrangeServer]:
    with strange_server(picture()) as it:
        yield it


@pytest.fixture
def staff(shop: Shop, database_url: str) -> Visitor:
    return shop.staff("catalog.write")


def job_of(shop: Shop, staff: Visitor, content: bytes) -> Any:
    answer = send(staff, content)
    assert answer.status_code == 202, answer.text
    finish(shop)
    return staff.get(f"/jobs/{answer.json['id']}").json


def images(staff: Visitor, product: str) -> Any:
    return staff.get(f"/products/{product}/images").json


class TestFromAddresses:
    def test_are_shown_with_products_and_their_variants(
        self, staff: Visitor, shop: Shop, server: StrangeServer
    ) -> None:
        job = imported(
            shop,
            staff,
            [*NAMES, "option:size"],
            ["MUG", "Mug", 1, server.url("/mug.png"), ""],
            ["TEE-S", "Tee", 1, server.url("/s.png"), "S"],
            ["TEE-M", "Tee", 1, server.url("/m.png"), "M"],
        )

        assert (job["errors"], job["counts"]) == ([], {"created": 3, "pictures": 3})
        assert (job["done"], job["total"]) == (6, 6)
        assert [it["is_main"] for it in images(staff, "mug")] == [True]
        medium = staff.get("/products/tee").json["variants"][1]["id"]
        assert [it["variant_id"] for it in images(staff, "tee")] == [None, medium]

    def test_are_fetched_once_for_a_product(
        self, staff: Visitor, shop: Shop, server: StrangeServer
    ) -> None:
        row = ["MUG", "Mug", 1, server.url("/once.png")]
        imported(shop, staff, NAMES, row)
        asked = len(server.asked)

        job = imported(shop, staff, NAMES, row)

        assert len(server.asked) == asked
        assert (job["counts"], job["done"], job["total"]) == ({"unchanged": 1}, 2, 2)
        assert len(images(staff, "mug")) == 1

    def test_that_cannot_be_had_are_errors_of_their_rows(
        self, staff: Visitor, shop: Shop, server: StrangeServer
    ) -> None:
        job = imported(
            shop,
            staff,
            NAMES,
            ["A", "A", 1, server.url("/absent.png")],
            ["B", "B", 1, server.url("/page.html")],
            ["C", "C", 1, "http://10.0.0.1/inner.png"],
            ["D", "D", 1, server.url("/mug.png")],
        )

        assert [(it["row"], it["column"]) for it in job["errors"]] == [
            (2, "image_url"),
            (3, "image_url"),
            (4, "image_url"),
        ]
        assert job["counts"] == {"created": 4, "pictures": 1}

    def test_come_back_from_an_export_as_they_are(
        self, staff: Visitor, shop: Shop, server: StrangeServer
    ) -> None:
        imported(shop, staff, NAMES, ["A", "A", 1, server.url("/a.png")], ["B", "B", 1, ""])
        archive = zip_of(list__csv=csv_of(NAMES, ["B", "B", 1, "b.png"]), b__png=picture("blue"))
        job_of(shop, staff, archive)
        file = staff.get("/catalog/export").data
        asked = len(server.asked)

        job = job_of(shop, staff, file)

        assert b"/media/products/" in file
        assert (job["errors"], job["counts"]) == ([], {"unchanged": 2})
        assert len(server.asked) == asked
        assert [len(images(staff, it)) for it in "ab"] == [1, 1]


class TestFromArchives:
    def test_lie_beside_the_table(self, staff: Visitor, shop: Shop) -> None:
        table = csv_of(NAMES, ["A", "A", 1, "front.png"], ["B", "B", 1, "more/back.png"])
        file = BytesIO()
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            archive.writestr("shop/list.csv", table)
            archive.writestr("shop/front.png", picture("red"))
            archive.writestr("shop/more/back.png", picture("blue"))
            archive.writestr("__MACOSX/shop/._list.csv", b"nothing")
            archive.writestr("shop/unused.png", b"nobody looks")

        job = job_of(shop, staff, file.getvalue())

        assert (job["errors"], job["counts"]) == ([], {"created": 2, "pictures": 2})
        assert [len(images(staff, it)) for it in "ab"] == [1, 1]
        assert shop.one("SELECT count(*) FROM job_pictures")[0] == 0

    def test_are_the_same_whatever_they_are_called(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "A", sku="A")
        for name in ("one", "two"):
            table = csv_of(["sku", "image_url"], ["A", f"{name}.png"])
            job_of(shop, staff, zip_of(list__csv=table, **{f"{name}__png": picture()}))

        assert len(images(staff, "a")) == 1

    def test_that_are_not_there_are_errors(self, staff: Visitor, shop: Shop) -> None:
        table = csv_of(NAMES, ["A", "A", 1, "absent.png"], ["B", "B", 1, "../etc/passwd"])

        job = job_of(shop, staff, zip_of(list__csv=table))

        assert [it["row"] for it in job["errors"]] == [2, 3]

    def test_that_are_no_pictures_are_errors(self, staff: Visitor, shop: Shop) -> None:
        table = csv_of(NAMES, ["A", "A", 1, "a.png"])

        job = job_of(shop, staff, zip_of(list__csv=table, a__png=b"<svg onload=alert(1)>"))

        assert [it["row"] for it in job["errors"]] == [2]
        assert job["counts"] == {"created": 1}


def entry(name: str, content: bytes = b"x", *, mode: int = 0o644, how: int = ZIP_STORED) -> bytes:
    """Return an archive of a table and one odd entry."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("list.csv", csv_of(NAMES, ["A", "A", 1, "a.png"]))
        info = ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, content, how)
    return file.getvalue()


class TestHostileArchives:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (zip_of(a__png=b"x"), "one .csv file"),
            (zip_of(a__csv=b"sku\n", b__csv=b"sku\n"), "one .csv file"),
            (entry("../a.png"), "leads out"),
            (entry("/etc/passwd"), "leads out"),
            (entry("C:\\a.png"), "leads out"),
            (entry("a.png", b"/etc/passwd", mode=0o120777), "link"),
            (entry("a.png", b"0" * 4_000_000, how=ZIP_DEFLATED), "suspiciously"),
            (entry("a.png", b"x" * (5 * 1024 * 1024 + 1)), "more than"),
            (entry("a.png")[:-30], "no zip file"),
            (entry("a.png").replace(b"image_url", b"image_uri", 1), "damaged"),
            (b"PK\x05\x06" + b"\0" * 18, "one .csv file"),
            (b"PK\x05\x06" + b"\xff" * 18, "more than"),
        ],
    )
    def test_are_refused(self, staff: Visitor, content: bytes, says: str) -> None:
        answer = send(staff, content)

        assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
        assert says in answer.json["errors"]["file"][0]
        assert staff.get("/jobs").json["count"] == 0

    def test_may_not_lie_about_their_size(self, staff: Visitor) -> None:
        content = entry("a.png", b"0" * 100_000, how=ZIP_DEFLATED)
        at = content.rindex(b"PK\x01\x02")
        lying = content[: at + 24] + struct.pack("<L", 10) + content[at + 28 :]

        answer = send(staff, lying)

        assert "damaged" in answer.json["errors"]["file"][0]

    def test_may_not_lie_about_where_they_begin(self, staff: Visitor) -> None:
        # Large enough to lie on the disk, where no place before the beginning can be sought.
        content = entry("a.png", b"x" * 1_000_000)
        lying = content[:-6] + struct.pack("<L", 2_000_000_000) + content[-2:]

        answer = send(staff, lying)

        assert "damaged" in answer.json["errors"]["file"][0]

    def test_may_not_hold_too_much(self, staff: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        archive = entry("a.png")

        for name, says in (("LARGEST_TOTAL", "too large"), ("LARGEST_DIRECTORY", "directory")):
            with monkeypatch.context() as patch:
                patch.setattr(zip_files, name, 10)
                assert says in send(staff, archive).json["errors"]["file"][0]
