"""An operator's own style sheet: it changes the look, and can neither fetch, run nor hide anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.channels.status_site.brand_css import LONGEST, safe_css
from quarterdeck.core.kernel.refused import Refused

HOSTILE = [
    "@import 'https://evil.example/x.css';", "@IMPORT url(//evil.example);", "a{background:url(https://evil.example)}",
    "a{background-color:u\\72l(https://evil.example)}", "a{background-color:URL(x)}", "a{color:url(x)}",
    "a{background-image:image-set('x.png' 1x)}", "a{color:image-set('x' 1x)}", "@font-face{font-family:x;src:url(x)}",
    "a{src:local(x)}", "a{width:expression(alert(1))}", "a{color:expression(alert(1))}", "a{behavior:url(x.htc)}",
    "a{-moz-binding:url(x)}", "a{color:attr(href)}", "a{cursor:url(x),auto}", "a::before{content:'All is well'}",
    "@charset 'utf-7';", "@namespace url(x);", "@supports (display:grid){a{color:red}}", "@layer x{a{color:red}}",
    "@media (min-width:1px){@import 'x';}", "@media (aspect-ratio:url(x)){a{color:red}}", "</style><script>alert(1)</script>",
    "<!--", "a{color:red}}", "a{color:#fff!important}", "a{color:#fff ! IMPORTANT}", "a[href^='a']{color:red}",
    "a{color:red;}\0", "a{color:var(--x,url(y))}", "a{--link:url(x)}", "a{color:rgb(0 0 0/0)}", "a{{color:red}}",
    "a{color:red;b{color:red}}", "a:has(b){color:red}", "a:not(b){color:red}", "{color:red}", "a{color:}", "a{:red}",
    "javascript:alert(1)", "a{color:'red'}", "a{color:#ffffff00}", "a{color:env(x)}", "a{color:color-mix(in srgb,red,blue)}",
]  # fmt: skip
HIDING = [
    ".verdict{display:none}", ".age{visibility:hidden}", ".age{opacity:0}", ".verdict{position:fixed}", "h1{font-size:0}",
    "h1{font-size:1e-9px}", "h1{font-size:smaller}", "h1{font:0/0 a}", "h1{color:transparent}", "h1{line-height:0}",
    ".age{margin-top:-900px}", ".age{text-indent:-9999px}", ".age{transform:scale(0)}", ".age{clip-path:inset(50%)}",
    ".age{filter:opacity(0)}", ".age{height:0;overflow:hidden}", "body{margin-left:9999px}", "h1{letter-spacing:-99px}",
    ":root{--ink:#fff}", "body{zoom:.01}", "a{all:unset}", ".stale{max-height:0}", "h1{padding-left:100vw}",
]  # fmt: skip


@pytest.mark.requirement("R-273", "R-043")
@pytest.mark.parametrize("css", HOSTILE + HIDING)
def test_what_could_fetch_run_or_hide_is_refused_with_its_line(css):
    with pytest.raises(Refused, match="Line 3 ") as refused:
        safe_css(f"/* ours */\n.brand {{ color: #123456 }}\n{css}")
    assert refused.value.code == "css.unsafe"


def test_what_changes_the_look_alone_is_served_as_it_was_understood():
    css = """/* Corvane */
    :root { --canvas: #fafafa; --link: #0b5394 }
    .brand:hover, .group > summary { font-family: "Corvane Sans", serif; letter-spacing: -.2px; padding: 4px 8px }
    @media (prefers-color-scheme: dark) and (min-width: 640px) { h2 { color: rgb(200, 210, 220); border: 1px solid #abc } }
    """
    made = safe_css(css)
    assert "--canvas:#fafafa;--link:#0b5394" in made
    assert '.brand:hover, .group > summary{font-family:"Corvane Sans", serif' in made
    assert "@media (prefers-color-scheme: dark) and (min-width: 640px){h2{color:rgb(200, 210, 220)" in made
    assert safe_css(made) == made
    assert safe_css("") == ""


def test_a_style_sheet_that_is_too_long_is_refused():
    with pytest.raises(Refused, match="longer"):
        safe_css("a{color:red}" * LONGEST)


@given(st.text(alphabet="ab{}():;@\\/*'\"#-.! \nurlimpot0", max_size=60))
def test_whatever_gets_through_has_nothing_that_fetches(text):
    try:
        made = safe_css(text).lower()
    except Refused:
        return
    assert not any(
        part in made for part in ("url(", "@import", "\\", "expression(", "!important", "content:")
    )
