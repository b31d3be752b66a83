"""The colours of a brand: whether they can be read where the page uses them, and what would be, if not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quarterdeck.core.kernel.refused import bad

# What text needs (WCAG 2.2, 1.4.3): links and buttons are text in the accent colour, or on it.
LEAST = 4.5
LIGHT, DARK = "#ffffff", "#12171a"  # the surfaces of the page, by day and by night
_LIGHT_ALSO, _DARK_ALSO = "#f6f7f7", "#0c1011"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Colours:
    """A brand's colours as they are used: `ink` is what is written on each, black or white."""

    accent: str
    ink: str
    accent_dark: str
    ink_dark: str


def check_colours(accent: str, accent_dark: str = "") -> Colours:
    """The colours of a brand, the dark one made from the other where it is "".

    Refuses what is no colour, and what cannot be read on the page: the refusal says the contrast and a colour near it
    that can be.
    """
    light = _readable(accent, "accent", LIGHT, "white")
    dark = _readable(accent_dark, "accent_dark", DARK, "the dark page") if accent_dark else darkened(light)
    return Colours(light, ink_on(light), dark, ink_on(dark))


def colours(accent: str, accent_dark: str = "") -> Colours:
    """The same without a refusal of poor contrast: the nearest readable colour takes its place."""
    light = nearest(accent, LIGHT)
    dark = nearest(accent_dark, DARK) if accent_dark else darkened(accent)
    return Colours(light, ink_on(light), dark, ink_on(dark))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever has the higher contrast; one of them always has 4.5:1."""
    return "#fff" if contrast(colour, "#ffffff") >= contrast(colour, "#000000") else "#000"


def nearest(colour: str, ground: str) -> str:
    """This colour, or the first on the way to black or white that can be read on the ground of the page."""
    also = _LIGHT_ALSO if ground == LIGHT else _DARK_ALSO
    target = (0, 0, 0) if ground == LIGHT else (255, 255, 255)
    start = _channels(colour)
    for step in range(_STEPS + 1):
        mixed = [round(a + (b - a) * step / _STEPS) for a, b in zip(start, target, strict=True)]
        made = "#" + "".join(f"{c:02x}" for c in mixed)
        if min(contrast(made, ground), contrast(made, also)) >= LEAST:
            return made
    return "#000000" if ground == LIGHT else "#ffffff"


def darkened(accent: str) -> str:
    """The accent for the dark page, made from the one for the light page."""
    return nearest(accent, DARK)


def is_colour(text: str) -> bool:
    return bool(_COLOUR.fullmatch(text))


def _readable(colour: str, field: str, ground: str, named: str) -> str:
    if not is_colour(colour):
        raise bad(
            f"status.{field}",
            f"{colour[:20]!r} is not a colour. Write it as #0c766d.",
            **{field: "not a colour"},
        )
    ratio = min(contrast(colour, ground), contrast(colour, _LIGHT_ALSO if ground == LIGHT else _DARK_ALSO))
    if ratio < LEAST:
        shown = int(ratio * 100) / 100
        raise bad(
            f"status.{field}",
            f"{colour} has a contrast of {shown:.2f}:1 on {named}; links and buttons need {LEAST}:1 to be read. "
            f"Near it, {nearest(colour, ground)} can be.",
            **{field: f"contrast {shown:.2f}:1"},
        )
    return colour.lower()


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
