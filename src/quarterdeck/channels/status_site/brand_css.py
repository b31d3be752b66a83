"""An operator's own style sheet for the published page: what may stand in it, and what is served of it.

Allowed is what is listed here, everything else is refused with its line: nothing that fetches, runs, moves or hides.
What is served is written anew from what was understood, so nothing that a browser reads differently gets through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import tinycss2  # type: ignore[import-untyped]

from quarterdeck.core.kernel.refused import Refused, bad

LONGEST, _DEEPEST = 20_000, 20
# Colours, type, spacing and edges: no property of these takes a part of the page out of sight.
_PROPERTIES = re.compile(
    r"color|background-color|outline-color|box-shadow|border-radius|gap|row-gap|column-gap"
    r"|(?:border|margin|padding)(?:-(?:top|bottom|left|right|(?:block|inline)(?:-(?:start|end))?))?"
    r"|border-(?:color|style|width)"
    r"|font-(?:family|weight|style|size|variant-numeric)|line-height|letter-spacing|word-spacing"
    r"|text-(?:align|transform|wrap|underline-offset|decoration(?:-(?:color|line|style|thickness))?)"
)
# The page's own colours that a brand may set. Its inks and the colours of states stay what they are.
_VARIABLES = frozenset(
    f"--{name}"
    for name in (
        "canvas",
        "surface",
        "line",
        "line-soft",
        "line-btn",
        "line-field",
        "hover",
        "link",
        "link-line",
    )
)
_FUNCTIONS = frozenset(("rgb", "rgba", "hsl", "hsla", "var"))
_PSEUDO = re.compile(r"hover|focus|focus-visible|active|visited|link|first-child|last-child|root")
_MEDIA = re.compile(
    r"\s*(?:print|screen|\(\s*prefers-color-scheme\s*:\s*(?:light|dark)\s*\)|"
    r"\(\s*(?:min|max)-width\s*:\s*\d{1,5}(?:px|em|rem)\s*\))\s*"
)
_UNITS = {"px": 1.0, "rem": 16.0, "em": 16.0, "ch": 8.0, "pt": 1.333, "%": 0.16}
_MOST_PX, _LEAST_FONT_PX, _MOST_FONT_PX = 120.0, 10.0, 64.0


def safe_css(text: str) -> str:
    """The style sheet as it is served. Refuses what is not allowed: `css.unsafe` with the line and the reason."""
    if len(text) > LONGEST:
        raise bad(
            "css.length", f"The style sheet is longer than {LONGEST} characters. Shorten it.", css="too long"
        )
    return _checked(text)


@lru_cache(maxsize=64)
def _checked(text: str) -> str:
    for number, line in enumerate(text.splitlines(), start=1):
        if "\\" in line:
            raise _no(number, "a backslash can hide what a word is")
        if "<!--" in line or "-->" in line:
            raise _no(number, "marks of HTML comments have no place here; write /* so */")
        if any(ord(c) < 32 and c != "\t" for c in line):
            raise _no(number, "it has an invisible control character")
    _flat(text)
    return "".join(
        _rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), nested=False)
    )


def _flat(text: str) -> None:
    """What is read goes down with each bracket: refused long before that ends."""
    depth = 0
    for mark in re.finditer(r"[(){}\[\]]", text):
        depth = depth + 1 if mark[0] in "({[" else max(depth - 1, 0)
        if depth > _DEEPEST:
            raise _no(text.count("\n", 0, mark.start()) + 1, "its brackets lie too deep in each other")


def _rules(nodes: Iterable[Any], *, nested: bool) -> list[str]:
    made = []
    for node in nodes:
        if node.type == "qualified-rule":
            made.append(f"{_selector(node)}{{{_declarations(node)}}}\n")
        elif node.type == "at-rule" and not nested:
            made.append(_media(node))
        elif node.type not in ("whitespace", "comment"):
            raise _no(node.source_line, _said(node))
    return made


def _said(node: Any) -> str:
    if node.type == "at-rule":
        return f"@{node.at_keyword} inside @media is not allowed"
    return "this is no rule: it is not closed, or has no selector"


def _media(node: Any) -> str:
    """The one at-rule there is: by size, colour scheme or print."""
    if node.lower_at_keyword != "media":
        raise _no(node.source_line, f"@{node.at_keyword} is not allowed; only @media is")
    query = tinycss2.serialize(node.prelude).strip()
    parts = re.split(r"\band\b|,", query)
    if node.content is None or not all(_MEDIA.fullmatch(part) for part in parts):
        raise _no(
            node.source_line,
            "@media may ask for print, screen, prefers-color-scheme, min-width and max-width",
        )
    inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    return f"@media {query}{{{''.join(_rules(inner, nested=True))}}}\n"


def _selector(node: Any) -> str:
    """Elements, classes, ids and a few pseudo-classes, joined in the usual ways."""
    after = ""
    for token in node.prelude:
        kind = token.type
        if kind == "literal" and token.value in (".", ">", "+", "~", ",", "*", ":", "::"):
            pass
        elif kind == "ident" and after in (":", "::"):
            if not _PSEUDO.fullmatch(token.lower_value):
                raise _no(token.source_line, f":{token.value} is not allowed in a selector")
        elif kind not in ("ident", "hash", "whitespace", "comment"):
            raise _no(token.source_line, f"{tinycss2.serialize([token])[:40]} is not allowed in a selector")
        after = token.value if kind == "literal" else ""
    text = " ".join(tinycss2.serialize([t for t in node.prelude if t.type != "comment"]).split())
    if not text:
        raise _no(node.source_line, "a rule needs a selector")
    return text


def _declarations(node: Any) -> str:
    made = []
    parsed = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    for one in parsed:
        if one.type != "declaration":
            raise _no(one.source_line, "this is no declaration of the form name: value")
        name = one.lower_name
        if one.important:
            raise _no(one.source_line, "!important is kept for what no style sheet may hide")
        if not (name in _VARIABLES or _PROPERTIES.fullmatch(name)):
            raise _no(one.source_line, f"{one.name[:40]} is not allowed")
        value = [t for t in one.value if t.type != "comment"]
        _values(name, value, one.source_line)
        made.append(f"{name}:{' '.join(tinycss2.serialize(value).split())}")
    return ";".join(made)


def _values(name: str, tokens: Sequence[Any], line: int) -> None:
    if not any(t.type not in ("whitespace", "comment") for t in tokens):
        raise _no(line, f"{name} has no value")
    for token in tokens:
        if token.type == "function":
            _function(token)
        elif token.type in ("dimension", "percentage", "number"):
            _size(name, token)
        elif reason := _wrong(name, token):
            raise _no(token.source_line, reason)


def _wrong(name: str, token: Any) -> str:
    """Why a word, a colour, a text or a mark may not stand in a value; "" where it may."""
    match token.type:
        case "whitespace":
            return ""
        case "ident" if name == "font-size" or (token.lower_value, name) == ("transparent", "color"):
            return f"{name} is not {token.value[:30]}; say a size or a colour that can be read"
        case "ident":
            return ""
        case "hash" if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", token.value):
            return f"#{token.value[:20]} is no colour of three or six digits"
        case "hash":
            return ""
        case "string":
            return "" if name == "font-family" else "a text in quotes is allowed as the name of a font alone"
        case "literal" if token.value in (",", "/"):
            return ""
    return f"{tinycss2.serialize([token])[:40]} is not allowed in a value"


def _function(token: Any) -> None:
    name = token.lower_name
    if name not in _FUNCTIONS:
        raise _no(token.source_line, f"{token.name[:30]}() is not allowed")
    inner = [t for t in token.arguments if t.type not in ("whitespace", "comment")]
    if name == "var":
        if not (len(inner) == 1 and inner[0].type == "ident" and inner[0].value in _VARIABLES | {"--accent"}):
            raise _no(token.source_line, "var() takes the name of one of the page's colours")
        return
    numbers = [t for t in inner if t.type in ("number", "percentage", "dimension")]
    rest = [t for t in inner if t not in numbers and not (t.type == "literal" and t.value == ",")]
    if rest or len(numbers) != 3:
        raise _no(token.source_line, f"{name}() takes three numbers: no colour here lets another through")


def _size(name: str, token: Any) -> None:
    unit = "%" if token.type == "percentage" else getattr(token, "lower_unit", "")
    number = token.value
    if number < 0 and name not in ("letter-spacing", "box-shadow"):
        raise _no(token.source_line, f"{name} is not below 0: that pulls parts over each other")
    if unit and unit not in _UNITS:
        raise _no(token.source_line, f"{token.unit[:10]} is no unit that is allowed; take px, rem, em or %")
    px = abs(number) * _UNITS.get(unit, 1.0)
    if name == "font-size" and not _LEAST_FONT_PX <= px <= _MOST_FONT_PX:
        raise _no(token.source_line, "font-size is between 10 and 64 px, so that it can be read")
    if name == "line-height" and not (1 <= number <= 3 if not unit else px >= _LEAST_FONT_PX):
        raise _no(token.source_line, "line-height is between 1 and 3, so that lines do not lie on each other")
    if name in ("letter-spacing", "word-spacing") and px > 8:
        raise _no(token.source_line, f"{name} is at most 8 px")
    if px > _MOST_PX and name != "font-weight":
        raise _no(token.source_line, f"{name} is at most 120 px")


def _no(line: int, reason: str) -> Refused:
    return bad(
        "css.unsafe", f"Line {line} of the style sheet: {reason}. Change or remove it.", css=f"line {line}"
    )
