"""Words and marks that have no place in the product: leftovers, paths of one machine, inline scripts."""

from __future__ import annotations

import re

from support.source import PRODUCT, ROOT, TEXT, files, short, text

# Put together here, so that this file does not hold what it forbids.
LEFTOVERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
MACHINE = re.compile(r"(?<![\w.~])/(?:" + "|".join(["wo" + "rk", "ro" + "ot"]) + r")/\w|/home/[a-z]+/")
PROMISES = re.compile("coming " + "soon|not yet " + "implemented|lorem " + "ipsum", re.IGNORECASE)

LEAKED = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bxox[abpr]-\d{10,}-[\w-]{20,}|\b[rs]k_live_[A-Za-z0-9]{20,}|\bglpat-[\w-]{20}\b|\bSG\.[\w-]{22}\.[\w-]{43}\b"
)

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.IGNORECASE)
HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+\s*=|javascript:", re.IGNORECASE)
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape off")
MARKED_SAFE = re.compile(r"\b(?:mark_safe|SafeString)\((?!(?:\"[^\"]*\"|'[^']*')\))")

# Mail clients read inline styles only, and no policy for pages applies there.
MAIL = "templates/mail/"
# Where ready-made HTML may pass unescaped, and what makes it safe.
SAFE_TEMPLATES: dict[str, str] = {}
SAFE_CODE = {
    "src/quarterdeck/channels/status_site/markup.py": "Markdown without HTML, after nh3.clean",
    "src/quarterdeck/web/templatetags/texts.py": "Markdown after nh3.clean; JSON with <, > and & as \\u",
    "src/quarterdeck/web/form_controls.py": "every value passes conditional_escape, as in Django's templates",
}


def hits(pattern: re.Pattern[str], paths) -> list[str]:
    return [
        f"{short(path)}:{text(path)[: match.start()].count(chr(10)) + 1}: {match[0]}"
        for path in paths
        for match in pattern.finditer(text(path))
    ]


def templates():
    return [p for p in files(".html", ".svg") if p.is_relative_to(PRODUCT)]


def everything():
    return [p for p in files(*TEXT) if p.name != "LICENSE"]


def test_nothing_is_left_for_later():
    found = hits(LEFTOVERS, everything()) + hits(PROMISES, everything())
    assert not found


def test_no_file_knows_the_machine_it_was_written_on():
    found = hits(MACHINE, everything())
    assert not found


def test_no_file_holds_a_private_key_or_a_token_of_a_provider():
    found = hits(LEAKED, everything())
    assert not found


def test_templates_carry_no_inline_script_or_handler():
    found = hits(INLINE_SCRIPT, templates()) + hits(HANDLER, templates())
    assert not found


def test_templates_carry_no_inline_style():
    pages = [p for p in templates() if MAIL not in short(p)]
    found = hits(INLINE_STYLE, pages)
    assert not found


def test_nothing_switches_escaping_off_but_what_is_listed():
    in_templates = [p for p in templates() if short(p) not in SAFE_TEMPLATES]
    in_code = [p for p in files(".py") if p.is_relative_to(PRODUCT) and short(p) not in SAFE_CODE]
    found = hits(UNESCAPED, in_templates) + hits(MARKED_SAFE, in_code)
    assert not found


def test_the_lists_of_exceptions_name_what_is_still_there():
    stale = [name for name in SAFE_TEMPLATES if not hits(UNESCAPED, [ROOT / name])]
    stale += [name for name in SAFE_CODE if not hits(MARKED_SAFE, [ROOT / name])]
    assert not stale
