from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from nexus.adapters.image_files import LONGEST_SIDE, THUMBNAIL_SIDE, ImageFiles
from nexus.domain.shared import ValidationFailed


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def colour_of(path: Path) -> tuple[str | None, tuple[int, int]]:
    with Image.open(path) as image:
        return image.format, image.size


class TestImageFiles:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_keeps_a_picture_and_its_thumbnail_as_webp(self, kind: str, tmp_path: Path) -> None:
        path = ImageFiles(str(tmp_path)).put("products/mug", picture(kind, (3000, 1500)))

        assert path == "products/mug.webp"
        assert colour_of(tmp_path / path) == ("WEBP", (LONGEST_SIDE, LONGEST_SIDE // 2))
        small = tmp_path / "products/mug-small.webp"
        assert colour_of(small) == ("WEBP", (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2))

    def test_leaves_nothing_else_lying_about(self, tmp_path: Path) -> None:
        ImageFiles(str(tmp_path)).put("mug", picture(mode="LA"))

        assert sorted(it.name for it in tmp_path.iterdir()) == ["mug-small.webp", "mug.webp"]

    def test_drops_what_was_written_beside_the_pixels(self, tmp_path: Path) -> None:
        content = picture("JPEG") + b"<script>alert(1)</script>"

        path = ImageFiles(str(tmp_path)).put("mug", content)

        assert b"script" not in (tmp_path / path).read_bytes()

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"not a picture",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            picture()[:60],
            picture("GIF"),
            picture(size=(10_000, 5_000), mode="1"),
        ],
        ids=["nothing", "text", "svg", "truncated", "gif", "huge"],
    )
    def test_refuses_what_is_not_a_picture_it_knows(self, content: bytes, tmp_path: Path) -> None:
        with pytest.raises(ValidationFailed):
            ImageFiles(str(tmp_path)).put("mug", content)

        assert list(tmp_path.iterdir()) == []
