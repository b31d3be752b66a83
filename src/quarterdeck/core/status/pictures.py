"""What a logo or favicon is, by its content: a PNG or WebP, or a drawing that only draws. Never by its name.

A drawing (SVG) is written anew from what is known to be harmless; one that could run or fetch is refused.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from quarterdeck.core.kernel.refused import Refused, bad

MOST_BYTES = 65_536
_MOST_SIDE = 4096
_DEEPEST = 60
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_MOST_NESTED, _MOST_DRAWN = 4, 20_000
# A comment ends at its first "-->" and nowhere else: tried anew at every later one, many comments take for ever.
_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<svg[\s>]", re.DOTALL
)
_ELEMENTS = frozenset(
    {
        "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "defs",
        "linearGradient", "radialGradient", "stop", "clipPath", "mask", "use", "symbol", "title", "desc",
        "style", "pattern",
    }
)  # fmt: skip
# These run, fetch or hold foreign content: a drawing with one of them is refused, so that nobody is surprised.
_ACTIVE = frozenset(
    {
        "script", "foreignObject", "iframe", "image", "a", "animate", "animateMotion", "animateTransform",
        "set", "handler", "listener", "audio", "video", "embed", "object", "feImage",
    }
)  # fmt: skip
_ATTRIBUTES = frozenset(
    {
        "id", "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx",
        "dy", "width", "height", "viewBox", "preserveAspectRatio", "points", "transform", "fill",
        "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
        "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "stroke-opacity", "opacity", "clip-path",
        "clip-rule", "mask", "offset", "stop-color", "stop-opacity", "gradientUnits", "gradientTransform",
        "spreadMethod", "patternUnits", "patternTransform", "clipPathUnits", "maskUnits", "font-family",
        "font-size", "font-weight", "font-style", "text-anchor", "letter-spacing", "version", "style", "type",
        "href", "role",
    }
)  # fmt: skip
_FETCHES = re.compile(
    r"url\(\s*(?!['\"]?#)|@import|expression|javascript:|\\|<|image-set|\b(?:image|src|cross-fade|element|paint)\(",
    re.IGNORECASE,
)


def checked(content: bytes, field: str = "logo") -> tuple[str, bytes]:
    """The type of a picture and what is served of it. Refuses what cannot be used, naming the field."""
    if len(content) > MOST_BYTES:
        text = (
            f"This picture has {len(content) // 1024 + 1} KiB. Take one of at most {MOST_BYTES // 1024} KiB."
        )
        raise bad("picture.large", text, **{field: text})
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        sides = (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
        if not all(1 <= side <= _MOST_SIDE for side in sides):
            raise _no(field, f"it has {sides[0]} × {sides[1]} pixels, and {_MOST_SIDE} a side are the most")
        return "image/png", content
    if content[:4] == b"RIFF" and content[8:15] == b"WEBPVP8":
        return "image/webp", content
    if _START.match(content[:4096]):
        return "image/svg+xml", _drawing(content, field)
    text = "This is no PNG, WebP or SVG picture, whatever its name says. Save it as one of these and choose it again."
    raise bad("picture.type", text, **{field: text})


def _drawing(content: bytes, field: str) -> bytes:
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise _no(field, "it has a DOCTYPE, by which a drawing can grow without end; save it as plain SVG")
    try:
        # Without a DOCTYPE there are no entities.
        root = ElementTree.fromstring(content)  # noqa: S314  # nosec B314
    except (ElementTree.ParseError, ValueError, LookupError):
        raise _no(field, "it is no well-formed SVG file") from None
    if root.tag != f"{{{_SVG}}}svg":
        raise _no(field, 'its first element lacks xmlns="http://www.w3.org/2000/svg"')
    _tame(root, field, 0)
    named = {e.get("id", ""): e for e in root.iter() if e.get("id")}
    _drawn(root, named, {}, 0, field)
    ElementTree.register_namespace("", _SVG)
    return bytes(ElementTree.tostring(root, encoding="utf-8"))


def _tame(element: ElementTree.Element, field: str, depth: int) -> None:
    """Keep what draws; drop what drawing programs leave behind; refuse what runs or fetches."""
    if depth > _DEEPEST:
        raise _no(field, "it is nested too deeply")
    for name, value in list(element.attrib.items()):
        element.attrib.pop(name)
        plain = "href" if name == _XLINK else name
        if _harmless(plain, value, field):
            element.set(plain, value)
    for child in list(element):
        space, _, name = child.tag.rpartition("}") if isinstance(child.tag, str) else ("", "", "")
        if name in _ACTIVE or name.lower() == "script":
            raise _no(field, f"it has an element {name}, which can run or fetch something")
        if space != "{" + _SVG or name not in _ELEMENTS:
            element.remove(child)
            continue
        if name == "style" and (len(child) or _FETCHES.search("".join(child.itertext()))):
            raise _no(field, "its style could fetch or run something")
        _tame(child, field, depth + 1)


def _drawn(
    element: ElementTree.Element,
    named: dict[str, ElementTree.Element],
    known: dict[str, int],
    uses: int,
    field: str,
) -> int:
    """How many elements are drawn when everything that is used is drawn where it is used. Refuses what grows."""
    count = 1
    for child in element:
        count += _drawn(child, named, known, uses, field)
    used = element.get("href", "")[1:]
    if used in named:
        if uses >= _MOST_NESTED:
            raise _no(field, f"what it uses again is nested more than {_MOST_NESTED} times, or uses itself")
        if used not in known:
            known[used] = _drawn(named[used], named, known, uses + 1, field)
        count += known[used]
    if count > _MOST_DRAWN:
        raise _no(field, f"it draws more than {_MOST_DRAWN} elements, those that are used again counted")
    return count


def _harmless(name: str, value: str, field: str) -> bool:
    """Whether an attribute is kept. Refuses one that runs or fetches."""
    if name.lower().startswith("on"):
        raise _no(field, f"it has {name[:30]}, which runs something")
    if name == "href" and not re.fullmatch(r"#[\w.:-]{1,200}", value):
        raise _no(field, "it refers to something outside of itself")
    if name in _ATTRIBUTES and _FETCHES.search(value):
        raise _no(field, f"its {name} could fetch or run something")
    return name in _ATTRIBUTES


def _no(field: str, why: str) -> Refused:
    text = f"This picture cannot be used: {why}."
    return bad("picture.unsafe", text, **{field: text})
