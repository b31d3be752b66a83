"""Texts that would run, break out or mislead, if they were treated as anything but text."""

from __future__ import annotations

HOSTILE = (
    "<script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    '"><svg onload="document.title=\'pwned\'">',
    "[click](javascript:document.title='pwned')",
    "{{ 7000|add:77042 }} {% debug %} ${14007*6} #{14007*6} {{constructor.constructor('document.title=1')()}}",
    "safe\u202etxt.exe\u202c\u2066\u200b end",
    "</textarea></title></script><script>document.title='pwned'</script>",
    "' onmouseover='document.title=\"pwned\"' x='",
    "javascript:document.title='pwned'",
    "<a href=\"&#106;avascript:document.title='pwned'\">x</a>"
    "<iframe srcdoc=\"<script>parent.document.title='pwned'</script>\"></iframe>",
)
