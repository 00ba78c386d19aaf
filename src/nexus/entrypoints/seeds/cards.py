"""The pictures of the demo shop, drawn by ourselves: a card in the colours of its department."""

import re
from functools import cache
from io import BytesIO
from zlib import crc32

from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

from nexus.entrypoints.seeds.motifs import MOTIFS

SIDE = 640
# Drawn larger and then shrunk, which is what makes the edges smooth.
FINE = 2
WIDEST = SIDE - 96


def draw_card(name: str, colours: tuple[str, str], motif: str) -> bytes:
    """Return a JPEG that is the same for the same product, always."""
    number = crc32(name.encode())
    card = _ground(colours, 20 * (number % 5) - 40, bool(number & 1))
    light = Image.new("RGB", card.size, "#fff7e8")
    card.paste(light, (0, 0), _drawing(motif))
    _write(card, spoken_in_latin(name))
    output = BytesIO()
    card.save(output, "JPEG", quality=88)
    return output.getvalue()


def spoken_in_latin(name: str) -> str:
    """Leave out what stands in brackets: the one font that comes along has Latin letters only."""
    return re.sub(r"\s*\(.*\)", "", name)


def _ground(colours: tuple[str, str], shift: int, mirrored: bool) -> Image.Image:
    """A slanted gradient, a little lighter or darker for each product."""
    dark, bright = (_shifted(it, shift) for it in colours)
    slope = _slope() if mirrored else ImageOps.mirror(_slope())
    return ImageOps.colorize(slope, dark, bright)


def _shifted(colour: str, by: int) -> tuple[int, ...]:
    return tuple(max(0, min(255, it + by // 2)) for it in ImageColor.getrgb(colour))


@cache
def _slope() -> Image.Image:
    steep = Image.linear_gradient("L").resize((SIDE * 2, SIDE * 2)).rotate(35)
    corner = SIDE // 2
    return steep.crop((corner, corner, corner + SIDE, corner + SIDE))


@cache
def _drawing(motif: str) -> Image.Image:
    """The motif as a mask: how much of the light shows through at each point."""
    fine = SIDE * FINE
    mask = Image.new("L", (fine, fine), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse([fine * it for it in (0.2, 0.1, 0.8, 0.7)], fill=46)
    for shape, points, strength in MOTIFS[motif]:
        places = [(0.2 + 0.6 * points[at]) * fine for at in range(len(points))]
        places[1::2] = [it - 0.1 * fine for it in places[1::2]]
        if shape == "line":
            draw.line(places, fill=strength, width=fine // 60, joint="curve")
        else:
            getattr(draw, shape)(places, fill=strength)
    return mask.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _write(card: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(card)
    font, lines = _fitting(name)
    draw.multiline_text(
        (SIDE / 2, SIDE - 92),
        "\n".join(lines),
        fill="white",
        font=font,
        anchor="mm",
        align="center",
        spacing=10,
    )


def _fitting(name: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, list[str]]:
    """Return the largest letters in which the name fits on two lines."""
    for size in (44, 38, 32):
        lines = _broken(name, size)
        if len(lines) <= 2:
            break
    return _font(size), lines


def _broken(name: str, size: int) -> list[str]:
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if _font(size).getlength(longer) <= WIDEST:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
