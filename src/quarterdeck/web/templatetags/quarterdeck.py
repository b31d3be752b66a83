"""The tag library `{% load quarterdeck %}`: one list of every tag a template of the product may use."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy

from quarterdeck.web.templatetags import charts, fields, marks, texts, times

register = template.Library()

for _tag in (marks.icon, marks.severity, marks.mark, marks.state, marks.avatar, marks.person):
    register.simple_tag(_tag)
for _tag in (
    charts.meter,
    charts.span_meter,
    charts.spread,
    charts.column_chart,
    charts.line_chart,
    charts.days,
):
    register.simple_tag(_tag)
for _tag in (
    times.when,
    times.ago,
    times.age,
    times.since,
    times.due,
    times.left,
    times.clock_state,
    texts.query,
):
    register.simple_tag(_tag, takes_context=True)
for _tag in (times.duration, fields.field, fields.form_errors, texts.words):
    register.simple_tag(_tag)
register.filter(texts.markdown)
register.filter(texts.marked)
register.filter("zoned", times.zoned)
register.filter(marks.initials)


_PAGE_TABS = (
    ("components", gettext_lazy("Components"), ""), ("posts", gettext_lazy("Posts"), "/posts"),
    ("subscribers", gettext_lazy("Subscribers"), "/subscribers"), ("look", gettext_lazy("Look"), "/look"),
    ("order", gettext_lazy("Order"), "/order"), ("metrics", gettext_lazy("Metrics"), "/metrics"),
    ("shown", gettext_lazy("Other pages"), "/components/choose"), ("access", gettext_lazy("Access"), "/access"),
    ("targets", gettext_lazy("Targets"), "/targets"), ("history", gettext_lazy("History"), "/history"),
    ("import", gettext_lazy("Import"), "/import"),
)  # fmt: skip


_READ_TABS = ("components", "posts", "history")


@register.inclusion_tag("status/tabs.html")
def page_tabs(url: str, tab: str, may_edit: bool = True) -> dict[str, Any]:
    """Everything a status page has, or what who may only read it may open; `url` is that of the page."""
    found = [
        {"key": key, "label": label, "href": f"{url}{end}"}
        for key, label, end in _PAGE_TABS
        if may_edit or key in _READ_TABS
    ]
    return {"tabs": found, "tab": tab}


@register.inclusion_tag("partials/phase_strip.html")
def phase_strip(phases: Any) -> dict[str, Any]:
    """Phases as steps. Each has `label`, `state` (done, now, next, later) and `note`."""
    steps = list(phases or ())
    place = next((n for n, p in enumerate(steps, 1) if marks.pick(p, "state") == "now"), 0)
    return {
        "phases": steps,
        "place": place,
        "total": len(steps),
        "present": steps[place - 1] if place else None,
    }


@register.inclusion_tag("partials/empty.html")
def empty_state(
    icon: str, title: str, text: str = "", href: str = "", label: str = "", primary: bool = True
) -> Any:
    """An empty state: what will appear here, and the one act that fills it."""
    return {"icon": icon, "title": title, "text": text, "href": href, "label": label, "primary": primary}


@register.inclusion_tag("partials/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """Keyset paging. `page` has `newer` and `older` (cursors or None), and optionally `shown` and `total`."""
    return {"page": page, "request": context.get("request")}
