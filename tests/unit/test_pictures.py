from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from nexus.adapters.pictures import LONGEST_SIDE, THUMBNAIL_SIDE, made_anew
from nexus.domain.shared import ValidationFailed
from tests.contracts.images import picture

SCRIPT = b"<script>alert(1)</script>"
RED, BLUE = (255, 0, 0), (0, 0, 255)


def opened(content: bytes) -> Image.Image:
    with Image.open(BytesIO(content)) as image:
        image.load()
        return image


def saved(image: Image.Image, kind: str, **told: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **told)
    return file.getvalue()


class TestMadeAnew:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_is_webp_and_no_larger_than_is_shown(self, kind: str) -> None:
        large, small = (opened(it) for it in made_anew(picture(kind, (3000, 1500))))

        assert (large.format, large.size) == ("WEBP", (LONGEST_SIDE, LONGEST_SIDE // 2))
        assert (small.format, small.size) == ("WEBP", (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2))

    def test_is_never_blown_up(self) -> None:
        assert [opened(it).size for it in made_anew(picture(size=(60, 40)))] == [(60, 40)] * 2

    def test_stands_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        lying = Image.new("RGB", (60, 40), BLUE)
        lying.paste(RED, (0, 0, 30, 40))

        large, _ = made_anew(saved(lying, "JPEG", exif=exif))

        shown = opened(large)
        assert shown.size == (40, 60)
        assert dominant(shown, (20, 10)) == "red"
        assert not shown.getexif()

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
    def test_takes_every_kind_of_png(self, mode: str) -> None:
        large, _ = made_anew(picture(mode=mode))

        assert opened(large).mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")

    def test_shows_sixteen_bits_as_bright_as_they_are(self) -> None:
        large, _ = made_anew(saved(Image.new("I;16", (60, 40), 128 << 8), "PNG"))

        assert opened(large).getpixel((5, 5)) == pytest.approx((128, 128, 128), abs=3)

    def test_leaves_transparent_what_was(self) -> None:
        painted = Image.new("P", (60, 40), 1)
        painted.putpalette([255, 255, 255, *RED])

        clear, _ = made_anew(saved(painted, "PNG", transparency=1))

        assert opened(clear).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]

    def test_shows_the_colours_of_print(self) -> None:
        large, _ = made_anew(saved(Image.new("CMYK", (60, 40), (0, 255, 255, 0)), "JPEG"))

        assert dominant(opened(large), (5, 5)) == "red"

    def test_takes_the_first_frame_of_an_animation(self) -> None:
        frames = [Image.new("RGB", (60, 40), colour) for colour in (RED, BLUE)]

        for kind in ("PNG", "WEBP"):
            moving = saved(frames[0], kind, save_all=True, append_images=frames[1:])
            large, _ = made_anew(moving)
            assert dominant(opened(large), (5, 5)) == "red"
            assert getattr(opened(large), "n_frames", 1) == 1

    @pytest.mark.parametrize(
        "content",
        [
            picture("JPEG") + SCRIPT,
            saved(Image.new("RGB", (60, 40)), "JPEG", comment=SCRIPT),
            saved(Image.new("RGB", (60, 40)), "JPEG", icc_profile=SCRIPT),
            saved(Image.new("RGB", (60, 40)), "JPEG", exif=b"Exif\0\0" + SCRIPT),
            saved(Image.new("RGB", (60, 40)), "WEBP", xmp=SCRIPT, icc_profile=SCRIPT),
        ],
        ids=["behind", "comment", "profile", "exif", "webp"],
    )
    def test_carries_nothing_that_was_written_beside_the_pixels(self, content: bytes) -> None:
        assert SCRIPT in content

        assert all(SCRIPT not in it for it in made_anew(content))

    def test_carries_no_text_of_a_png(self) -> None:
        told = PngImagePlugin.PngInfo()
        told.add_text("Comment", SCRIPT.decode())

        made = made_anew(saved(Image.new("RGB", (60, 40)), "PNG", pnginfo=told))

        assert all(SCRIPT not in it for it in made)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"not a picture",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            picture()[:60],
            picture("JPEG")[:300],
            picture("WEBP")[:30],
            picture("GIF"),
            picture("TIFF"),
            picture(size=(10_000, 5_000), mode="1"),
        ],
        ids=["nothing", "text", "svg", "png", "jpeg", "webp", "gif", "tiff", "huge"],
    )
    def test_is_refused_for_what_is_no_picture(self, content: bytes) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            made_anew(content)

        assert list(refusal.value.errors) == ["file"]

    def test_is_refused_for_scans_without_end(self) -> None:
        content = saved(Image.new("RGB", (60, 40)), "JPEG", progressive=True)
        last = content.rindex(b"\xff\xda")

        made_anew(content[:last] + content[last:-2] * 10 + content[-2:])
        with pytest.raises(ValidationFailed):
            made_anew(content[:last] + content[last:-2] * 1000 + content[-2:])


def dominant(image: Image.Image, at: tuple[int, int]) -> str:
    pixel = image.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return ("red", "green", "blue")[pixel.index(max(pixel))]
