from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nexus.application.catalog.images import SweepPictures
from nexus.domain.images import MOST_IMAGES
from nexus.domain.shared import new_id
from nexus.entrypoints.http.images import MOST_BYTES
from tests.contracts.images import picture
from tests.integration.catalogue import first_variant, make
from tests.integration.gallery import Part, post, send, send_chunked
from tests.integration.outbox import follow_up
from tests.integration.shop import Shop, Visitor

DROPPED = {"internal.pictures_dropped": ("remove_pictures",)}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def gallery(database_url: str, root: Path) -> Iterator[Shop]:
    """A shop that keeps its pictures where nobody else does."""
    shop = Shop(database_url, MEDIA_ROOT=str(root))
    yield shop
    shop.close()


@pytest.fixture
def staff(gallery: Shop) -> Visitor:
    return gallery.staff("catalog.write")


def sent(staff: Visitor, product: Any, **facts: Any) -> Any:
    answer = send(staff, product["slug"], picture(), **facts)
    assert answer.status_code == 201, answer.text
    return answer.json


def shown(visitor: Visitor) -> list[tuple[str, bool]]:
    images = visitor.get("/products/mug/images").json
    return [(it["alt_text"], it["is_main"]) for it in images]


def files(root: Path) -> set[str]:
    return {it.name for it in root.rglob("*.webp")}


class TestAddImage:
    def test_shows_it_with_the_product(self, gallery: Shop, staff: Visitor) -> None:
        mug = make(staff)

        answer = send(staff, "mug", picture(size=(900, 600)), alt_text=" Front ")

        image = answer.json
        assert (answer.status_code, image["alt_text"], image["is_main"]) == (201, "Front", True)
        assert staff.client.get(answer.headers["Location"]).json == image
        visitor = gallery.visitor()
        assert visitor.get(f"/products/{mug['id']}/images").json == [image]
        assert visitor.get("/products/mug").json["images"] == [image]
        (listed,) = visitor.get("/products").json["results"]
        assert listed["main_image_url"] == image["url"]
        assert listed["main_image_thumbnail_url"] == image["thumbnail_url"]

    def test_serves_it_and_its_thumbnail(self, gallery: Shop, staff: Visitor) -> None:
        image = sent(staff, make(staff))

        for url in (image["url"], image["thumbnail_url"]):
            with gallery.app.test_client().get(url) as answer:
                assert (answer.status_code, answer.content_type) == (200, "image/webp")
                with Image.open(BytesIO(answer.data)) as made:
                    assert made.size == (60, 40)

    def test_puts_it_where_it_is_told(self, gallery: Shop, staff: Visitor) -> None:
        mug = make(staff)

        sent(staff, mug, alt_text="second", position="4")
        sent(staff, mug, alt_text="third")
        sent(staff, mug, alt_text="first", position="2", is_main="true")

        assert shown(gallery.visitor()) == [("first", True), ("second", False), ("third", False)]

    def test_moves_the_others_along_where_it_is_told_to_stand(
        self, gallery: Shop, staff: Visitor
    ) -> None:
        mug = make(staff)
        for told in ("second", "third"):
            sent(staff, mug, alt_text=told)
        sent(staff, mug, alt_text="last", position="7")

        sent(staff, mug, alt_text="first", position="0")

        images = gallery.visitor().get("/products/mug/images").json
        assert [it["alt_text"] for it in images] == ["first", "second", "third", "last"]
        assert [it["position"] for it in images] == [0, 1, 2, 7]

    def test_belongs_to_a_variant_of_the_product(self, staff: Visitor) -> None:
        mug, cup = make(staff), make(staff, "Cup")

        mine = send(staff, "mug", picture(), variant_id=str(first_variant(mug)))
        others = send(staff, "mug", picture(), variant_id=str(first_variant(cup)))

        assert mine.json["variant_id"] == str(first_variant(mug))
        assert (others.status_code, list(others.json["errors"])) == (422, ["variant_id"])

    def test_leaves_no_file_behind_when_it_is_refused(self, staff: Visitor, root: Path) -> None:
        make(staff)
        before = files(root)

        send(staff, "mug", picture(), variant_id=str(new_id()))

        assert files(root) == before

    def test_is_refused_once_there_are_enough(
        self, staff: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("nexus.domain.images.MOST_IMAGES", 2)
        mug = make(staff)
        for _ in range(2):
            sent(staff, mug)

        answer = send(staff, "mug", picture())

        assert (answer.status_code, answer.json["code"]) == (409, "too_many_images")
        assert answer.json["most"] == 2
        assert MOST_IMAGES == 50

    def test_of_an_unknown_product_is_404(self, staff: Visitor) -> None:
        assert send(staff, "nothing", picture()).status_code == 404

    def test_is_for_the_staff(self, gallery: Shop, staff: Visitor) -> None:
        make(staff)

        assert send(gallery.visitor(), "mug", picture()).status_code == 401
        assert send(gallery.customer(), "mug", picture()).status_code == 403

    def test_of_a_draft_is_shown_to_nobody_else(self, gallery: Shop, staff: Visitor) -> None:
        image = sent(staff, make(staff, status="draft"))

        assert gallery.visitor().get("/products/mug/images").status_code == 404
        assert gallery.visitor().get(f"/images/{image['id']}").status_code == 404
        assert len(staff.get("/products/mug/images").json) == 1


class TestChangeImage:
    def test_takes_the_main_place_over(self, gallery: Shop, staff: Visitor) -> None:
        mug = make(staff)
        sent(staff, mug, alt_text="front")
        back = sent(staff, mug, alt_text="back")

        answer = staff.patch(f"/images/{back['id']}", {"is_main": True, "position": 0})

        assert (answer.status_code, answer.json["is_main"]) == (200, True)
        assert shown(gallery.visitor()) == [("back", True), ("front", False)]

    def test_never_leaves_a_product_without_a_main_one(self, staff: Visitor) -> None:
        image = sent(staff, make(staff))

        answer = staff.patch(f"/images/{image['id']}", {"is_main": False})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["is_main"])

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"position": -1}, "position"),
            ({"position": "1"}, "position"),
            ({"position": 1_000_001}, "position"),
            ({"alt_text": "x" * 301}, "alt_text"),
            ({"variant_id": str(new_id())}, "variant_id"),
            ({"path": "x"}, "path"),
            ({"is_main": None}, "is_main"),
        ],
    )
    def test_refuses_what_cannot_be_meant(
        self, staff: Visitor, body: dict[str, Any], field: str
    ) -> None:
        image = sent(staff, make(staff))

        answer = staff.patch(f"/images/{image['id']}", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_is_refused_to_who_saw_an_older_one(self, staff: Visitor) -> None:
        image = sent(staff, make(staff))
        seen = staff.get(f"/images/{image['id']}").headers["ETag"]

        first = staff.patch(f"/images/{image['id']}", {"alt_text": "a"}, If_Match=seen)
        second = staff.patch(f"/images/{image['id']}", {"alt_text": "b"}, If_Match=seen)

        assert (first.status_code, second.status_code) == (200, 412)


class TestRemoveImage:
    def test_promotes_the_next(self, gallery: Shop, staff: Visitor) -> None:
        mug = make(staff)
        front, _, _ = [sent(staff, mug, alt_text=it) for it in ("front", "side", "back")]

        assert staff.delete(f"/images/{front['id']}").status_code == 204

        assert shown(gallery.visitor()) == [("side", True), ("back", False)]
        assert staff.delete(f"/images/{front['id']}").status_code == 404

    def test_removes_the_files_after_it(self, gallery: Shop, staff: Visitor, root: Path) -> None:
        mug, before = make(staff), files(root)
        gone, kept = sent(staff, mug), sent(staff, mug)

        staff.delete(f"/images/{gone['id']}")
        assert len(files(root) - before) == 4
        follow_up(gallery.container, DROPPED)

        left = {Path(kept[name]).name for name in ("url", "thumbnail_url")}
        assert files(root) - before == left

    def test_goes_with_its_product(self, gallery: Shop, staff: Visitor, root: Path) -> None:
        mug, before = make(staff), files(root)
        for _ in range(2):
            sent(staff, mug)

        assert staff.delete("/products/mug").status_code == 204
        follow_up(gallery.container, DROPPED)

        assert files(root) == before


class TestSweep:
    def sweep(self, gallery: Shop) -> int:
        """Sweep as on the day after tomorrow."""
        sweep: SweepPictures = gallery.container.sweep_pictures()
        return replace(sweep, now=lambda: datetime.now(UTC) + timedelta(days=2))()

    def test_removes_what_no_product_is_shown_with(
        self, gallery: Shop, staff: Visitor, root: Path
    ) -> None:
        before = files(root)
        mug = make(staff)
        sent(staff, mug)
        shown_with = files(root) - before
        gallery.container.image_store().put(f"products/{mug['id']}/lost", picture())

        assert gallery.container.sweep_pictures()() == 0
        assert self.sweep(gallery) >= 1

        assert files(root) == shown_with


class TestHostileUploads:
    SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (b"", "mug.jpg"),
            (SVG, "mug.svg"),
            (SVG, "mug.jpg"),
            (b"<!doctype html><script>alert(1)</script>", "mug.jpg"),
            (picture("JPEG", (600, 400))[:-200], "mug.jpg"),
            (picture("GIF"), "mug.jpg"),
            (b"%PDF-1.7", "mug.png"),
        ],
        ids=["nothing", "svg", "svg as jpg", "html", "truncated", "gif as jpg", "pdf as png"],
    )
    def test_of_no_picture_are_refused(
        self, staff: Visitor, root: Path, content: bytes, name: str
    ) -> None:
        make(staff)
        before = files(root)

        answer = send(staff, "mug", content, name)

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
        assert files(root) == before

    def test_that_are_a_page_as_well_carry_no_page(self, gallery: Shop, staff: Visitor) -> None:
        make(staff)
        page = b"<script>alert(1)</script>"
        both = picture("JPEG") + page

        image = send(staff, "mug", both, "mug.html").json

        for url in (image["url"], image["thumbnail_url"]):
            with gallery.app.test_client().get(url) as answer:
                assert answer.content_type == "image/webp"
                assert page not in answer.data
                assert answer.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("name", ["../../x.png", "..\\x.png", "/etc/passwd", "a\u202egnp.exe"])
    def test_are_never_kept_under_a_name_of_theirs(
        self, staff: Visitor, root: Path, name: str
    ) -> None:
        make(staff)

        image = send(staff, "mug", picture(), name).json

        assert image["url"].startswith("/media/products/")
        assert image["id"].replace("-", "") in image["url"]

    def test_above_the_limit_are_too_large(self, staff: Visitor) -> None:
        make(staff)

        for content in (b"\xff" * (MOST_BYTES + 1), b"\xff" * (2 * MOST_BYTES)):
            answer = send(staff, "mug", content)
            assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")

    def test_may_be_larger_than_any_other_body(self, staff: Visitor) -> None:
        make(staff)
        padded = picture("JPEG") + b"\0" * (MOST_BYTES - 10_000)

        assert send(staff, "mug", padded).status_code == 201
        assert staff.post("/products", {"name": "x" * MOST_BYTES}).status_code == 413

    @pytest.mark.parametrize("parts", [(), (("file", "text", None),), (("file", b"", ""),)])
    def test_without_a_file_are_refused(self, staff: Visitor, parts: tuple[Part, ...]) -> None:
        make(staff)

        answer = post(staff, "/products/mug/images", *parts)

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])

    @pytest.mark.parametrize("field", ["file", "thumbnail"])
    def test_of_two_files_are_refused(self, staff: Visitor, field: str) -> None:
        make(staff)
        two: list[Part] = [("file", picture(), "a.png"), (field, picture(), "b.png")]

        answer = post(staff, "/products/mug/images", *two)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    @pytest.mark.parametrize(
        ("facts", "field"),
        [
            ({"position": "-1"}, "position"),
            ({"position": "1.5"}, "position"),
            ({"is_main": "perhaps"}, "is_main"),
            ({"alt_text": "a\0b"}, "alt_text"),
            ({"variant_id": "mug"}, "variant_id"),
            ({"path": "x"}, "path"),
        ],
    )
    def test_that_say_what_cannot_be_meant_are_refused(
        self, staff: Visitor, facts: dict[str, str], field: str
    ) -> None:
        make(staff)

        answer = send(staff, "mug", picture(), **facts)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_of_many_parts_are_too_large(self, staff: Visitor) -> None:
        make(staff)

        parts: list[Part] = [(f"field{it}", "x", None) for it in range(50)]

        answer = post(staff, "/products/mug/images", *parts)

        assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")

    def test_that_are_no_form_are_refused(self, staff: Visitor) -> None:
        make(staff)

        answer = staff.post("/products/mug/images", {"file": "x"})

        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")

    def test_in_chunks_are_limited_alike(self, staff: Visitor) -> None:
        make(staff)
        sizes = {0: 201, 2_000_000: 201, 2 * MOST_BYTES: 413}

        for padding, status in sizes.items():
            content = picture("JPEG") + bytes(padding)
            answer = send_chunked(staff, content)
            assert answer.status_code == status, answer.text


class TestStatements:
    def test_of_reading_are_one(self, gallery: Shop, staff: Visitor) -> None:
        image = sent(staff, make(staff))

        for path in ("/products/mug/images", f"/images/{image['id']}"):
            with gallery.statements() as told:
                assert gallery.visitor().get(path).status_code == 200
            assert len(told) == 1

    def test_of_writing_do_not_grow_with_the_images(self, gallery: Shop, staff: Visitor) -> None:
        mug = make(staff)
        counts = []
        for _ in range(4):
            with gallery.statements() as told:
                sent(staff, mug)
            counts.append(len(told))

        assert max(counts[1:]) <= counts[1] <= 16, counts
