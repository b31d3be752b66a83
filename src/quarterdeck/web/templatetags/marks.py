"""Icons, severities, states and people as markup. Never trusts a text: everything passes format_html."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

# rank: (shape, one per severity so that colour is never the only sign)
SEVERITY_ICONS = {1: "octagon", 2: "triangle", 3: "diamond", 4: "info", 5: "ring"}

# key: (icon, tone, word). One table for services, messages, alerts, checks, work and people.
STATES = {
    "operational": ("checkc", "green", gettext_lazy("Operational")),
    "degraded": ("half", "yellow", gettext_lazy("Degraded")),
    "partial_outage": ("triangle", "orange", gettext_lazy("Partial outage")),
    "major_outage": ("octagonx", "red", gettext_lazy("Major outage")),
    "maintenance": ("wrench", "blue", gettext_lazy("Maintenance")),
    "under_maintenance": ("wrench", "blue", gettext_lazy("Under maintenance")),
    "unknown": ("minusc", "grey", gettext_lazy("Unknown")),
    "draft": ("pencil", "grey", gettext_lazy("Draft")),
    "in_review": ("eye", "blue", gettext_lazy("In review")),
    "approved": ("check", "green", gettext_lazy("Approved")),
    "released": ("unlock", "green", gettext_lazy("Released")),
    "sent": ("send", "", gettext_lazy("Sent")),
    "superseded": ("stack", "grey", gettext_lazy("Superseded")),
    "firing": ("octagonx", "red", gettext_lazy("Firing")),
    "acknowledged": ("eye", "blue", gettext_lazy("Acknowledged")),
    "silenced": ("belloff", "grey", gettext_lazy("Silenced")),
    "ended": ("checkc", "green", gettext_lazy("Ended")),
    "ok": ("checkc", "green", gettext_lazy("Ok")),
    "warning": ("triangle", "amber", gettext_lazy("Warning")),
    "fault": ("octagonx", "red", gettext_lazy("Fault")),
    "running": ("play", "blue", gettext_lazy("Running")),
    "done": ("checkc", "green", gettext_lazy("Done")),
    "failed": ("octagonx", "red", gettext_lazy("Failed")),
    "waiting": ("clock", "", gettext_lazy("Waiting")),
    "open": ("ring", "amber", gettext_lazy("Open")),
    "active": ("checkc", "green", gettext_lazy("Active")),
    "paused": ("minusc", "grey", gettext_lazy("Paused")),
    "revoked": ("x", "grey", gettext_lazy("Revoked")),
    "late": ("clock", "red", gettext_lazy("Late")),
    "none": ("minusc", "grey", gettext_lazy("None")),
}


def pick(source: Any, name: str, default: Any = None) -> Any:
    """An attribute or a key of whatever the view put into the context."""
    if isinstance(source, dict):
        return source.get(name, default)
    return getattr(source, name, default)


def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """One symbol of the sprite; silent to screen readers unless it carries a label."""
    if not label:
        return _silent(name, css)
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', _classes(css), label, _href(name)
    )


@lru_cache(maxsize=1_000)
def _silent(name: str, css: str) -> SafeString:
    """A page has hundreds of them, and few are different."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', _classes(css), _href(name)
    )


def _classes(css: str) -> str:
    return f"icon {css}".strip()


def _href(name: str) -> str:
    return f"{static('quarterdeck/icons.svg')}#i-{name}"


def severity(value: Any, label: str = "") -> SafeString:
    """A severity as shape, word and colour. `value` is a rank 1..5 or something with `rank` and `label`."""
    if value in (None, ""):
        return format_html('<span class="state is-grey">{}</span>', gettext("No severity"))
    is_plain = isinstance(value, int | str)
    rank = int(value if is_plain else pick(value, "rank", 5))
    rank = min(max(rank, 1), 5)
    word = label or ("" if is_plain else pick(value, "label", "")) or f"SEV{rank}"
    return format_html('<span class="sev sev--{}">{}{}</span>', rank, icon(SEVERITY_ICONS[rank]), word)


def mark(tone: str, icon_name: str, text: Any) -> SafeString:
    """Any state of one's own: `{% mark "red" "clock" "3 min late" %}`. Tone "" is neutral."""
    css = f"state is-{tone}" if tone else "state"
    return format_html('<span class="{}">{}{}</span>', css, icon(icon_name), text)


def state(key: str, text: Any = "") -> SafeString:
    """A known state by its key (see STATES); `text` replaces the word, never the shape."""
    shape, tone, word = STATES.get(str(key), ("minusc", "grey", str(key).replace("_", " ").capitalize()))
    return mark(tone, shape, text or word)


def initials(name: str) -> str:
    """Two letters for an avatar: Ana Ferreira → AF, Tomasz → TO."""
    words = [w for w in str(name).split() if w[:1].isalpha()]
    if not words:
        return "?"
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


def avatar(person: Any, size: str = "", me: bool | None = None) -> SafeString:
    """A neutral disc with initials; the accent marks the viewer; nobody is a dashed ring.

    `person` is a name or something with `name`, and optionally `initials` and `me`.
    """
    if not person:
        return format_html('<span class="avatar avatar--none">{}</span>', icon("vacant"))
    name = person if isinstance(person, str) else pick(person, "name", "")
    letters = ("" if isinstance(person, str) else pick(person, "initials", "")) or initials(name)
    is_me = me if me is not None else (not isinstance(person, str) and bool(pick(person, "me", False)))
    css = "avatar" + (" avatar--me" if is_me else "") + (f" avatar--{size}" if size else "")
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, letters)


def person(who: Any, sub: Any = "") -> SafeString:
    """Avatar and name in one line, with a second quiet line when `sub` is given."""
    if not who:
        return format_html(
            '<span class="person is-vacant">{}<span>{}</span></span>', avatar(None), gettext("Nobody")
        )
    name = who if isinstance(who, str) else pick(who, "name", "")
    small = format_html("<small>{}</small>", sub) if sub else ""
    return format_html('<span class="person">{}<span>{}{}</span></span>', avatar(who), name, small)
