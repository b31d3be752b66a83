"""Which font draws which character of a PDF. Nothing is dropped: what no font has is spelt out as [U+1F525].

The first face that is found and has the character draws it: a font of the system with many scripts, then reportlab's
own Vera, then the fonts for Chinese, Japanese and Korean that every PDF reader brings.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

_SHIPPED = Path(reportlab.__file__).parent / "fonts"
# (regular, bold) as Linux distributions, macOS and Windows install them.
_FAMILIES = (
    (
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    ),
    ("/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf"),
    (
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf",
    ),
    (
        "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
        "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf",
    ),
    (
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    ),
    ("/Library/Fonts/Arial Unicode.ttf", "/System/Library/Fonts/Supplemental/Arial Bold.ttf"),
    ("/System/Library/Fonts/Supplemental/Arial.ttf", "/System/Library/Fonts/Supplemental/Arial Bold.ttf"),
    ("C:/Windows/Fonts/arial.ttf", "C:/Windows/Fonts/arialbd.ttf"),
)
# (font, what it holds): not embedded, every PDF reader with support for the country's script brings it.
_ASIAN = (
    ("HeiseiKakuGo-W5", "shift_jis"),
    ("STSong-Light", "gb2312"),
    ("MSung-Light", "big5"),
    ("HYGothic-Medium", "euc_kr"),
)
Has = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Face:
    """A registered font and the characters it can draw."""

    name: str
    has: Has


@dataclass(slots=True)
class Fonts:
    """The faces of one document. `missing` collects what had to be spelt out."""

    regular: tuple[Face, ...]
    bold: tuple[Face, ...]
    missing: set[str] = field(default_factory=set)

    def markup(self, text: str, bold: bool = False) -> str:
        """Text as reportlab's paragraph markup: escaped, each run in a face that has it."""
        if text.isascii() and text.isprintable():
            return escape(text)
        faces = self.bold if bold else self.regular
        drawn = [self._drawn(c, faces) for c in unicodedata.normalize("NFC", text)]
        shown = []
        for name, run in groupby(drawn, key=itemgetter(0)):
            plain = escape("".join(c for _, c in run))
            shown.append(plain if name == faces[0].name else f'<font name="{name}">{plain}</font>')
        return "".join(shown)

    def plain(self, text: str) -> str:
        """Text for where only one face can draw and no markup is read: the rest is spelt out."""
        if text.isascii() and text.isprintable():
            return text
        return "".join(self._drawn(c, self.regular[:1])[1] for c in unicodedata.normalize("NFC", text))

    def _drawn(self, c: str, faces: tuple[Face, ...]) -> tuple[str, str]:
        """The name of the face that draws a character, and what it draws for it."""
        if c.isspace():
            return faces[0].name, " "
        for face in faces:
            if face.has(c):
                return face.name, c
        if unicodedata.category(c) in ("Cc", "Cf", "Cs"):
            return faces[0].name, ""
        self.missing.add(c)
        return faces[0].name, f"[U+{ord(c):04X}]"


def fonts() -> Fonts:
    """The faces for one document."""
    regular, bold = _faces()
    return Fonts(regular, bold)


@lru_cache(maxsize=1)
def _faces() -> tuple[tuple[Face, ...], tuple[Face, ...]]:
    """Regular and bold, registered once a process."""
    regular, bold = [], []
    for light, heavy in _FAMILIES:
        if (found := _open("Text", Path(light))) is not None:
            regular.append(found)
            bold.append(_open("TextBold", Path(heavy)) or found)
            break
    vera = [_open("Vera", _SHIPPED / "Vera.ttf"), _open("VeraBold", _SHIPPED / "VeraBd.ttf")]
    regular += [f for f in vera[:1] if f]
    bold += [f for f in vera[1:] if f]
    asian = tuple(_asian())
    return (*regular, *asian), (*bold, *asian)


def _open(name: str, path: Path) -> Face | None:
    try:
        font = TTFont(name, str(path))
    except (TTFError, OSError):
        return None
    pdfmetrics.registerFont(font)
    return Face(name, lambda c: ord(c) in font.face.charToGlyph)


def _asian() -> list[Face]:
    """Told apart by the national character set each one is made for."""
    for name, _ in _ASIAN:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return [Face(name, _in(charset)) for name, charset in _ASIAN]


def _in(charset: str) -> Has:
    def has(c: str) -> bool:
        try:
            return len(c.encode(charset)) > 1
        except UnicodeEncodeError:
            return False

    return has
