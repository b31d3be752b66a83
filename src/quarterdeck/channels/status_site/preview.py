"""The picture that other sites show with a link to the page: its name, its one sentence and its state, as a PNG."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
_TONES = {
    "none": "#17683a",
    "maintenance": "#1a57a8",
    "minor": "#6b5a00",
    "major": "#9c3f06",
    "critical": "#b01e14",
}
_INK, _SOFT, _PAPER = "#121a1d", "#3f4c51", "#ffffff"
_LEFT, _WIDEST = 96, 1008
_LINES = 4
# The font that is drawn with has these letters; of a text with others a plainer one takes the place.
_LAST_LETTER = "\u017f"
_SIGNS = frozenset("–—‘’“”…•·€ ")


def drawn(text: str) -> bool:
    """Whether the font of the picture has every letter of a text."""
    return all(c <= _LAST_LETTER or c in _SIGNS for c in text)


@lru_cache(maxsize=64)
def preview(name: str, sentence: str, state: str, indicator: str) -> bytes:
    """Made again only when one of its texts changes."""
    picture = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 36, SIZE[1]), fill=_TONES[indicator])
    pen.text((_LEFT, 84), _fitted(pen, name, _font(40)), font=_font(40), fill=_SOFT)
    top = 176
    for line in _lines(pen, sentence, _font(64)):
        pen.text((_LEFT, top), line, font=_font(64), fill=_INK)
        top += 82
    pen.rounded_rectangle((_LEFT, 520, _LEFT + 40, 560), 20, fill=_TONES[indicator])
    pen.text((_LEFT + 60, 514), _fitted(pen, state, _font(40)), font=_font(40), fill=_TONES[indicator])
    made = io.BytesIO()
    picture.quantize(64, method=Image.Quantize.FASTOCTREE).save(made, "PNG", compress_level=6)
    return made.getvalue()


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _lines(
    pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> list[str]:
    lines = [""]
    for word in text[:400].split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, font=font) > _WIDEST:
            lines.append(word)
        else:
            lines[-1] = longer
    shown = [_fitted(pen, line, font) for line in lines[:_LINES]]
    return shown if len(lines) <= _LINES else [*shown[:-1], _fitted(pen, f"{shown[-1].rstrip('…')} …", font)]


def _fitted(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    text = " ".join(text.split())[:200]
    if pen.textlength(text, font=font) <= _WIDEST:
        return text
    while text and pen.textlength(f"{text}…", font=font) > _WIDEST:
        text = text[:-1]
    return f"{text}…"
