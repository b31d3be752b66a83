"""A message as each channel would show it: the very words the channel would send, how long they may be, what is cut.

Rendered by the channels themselves, so that a preview cannot differ from what goes out. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from quarterdeck.channels import channels, rendering, segments, slack, sms_twilio, teams
from quarterdeck.channels.mail_message import Sender
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.core.incidents import Content
from quarterdeck.core.incidents.parts import Message
from quarterdeck.store import models

from ..casebook import Case
from . import sending

EMAIL, TEXT, SLACK, TEAMS, PAGE = "email", "text", "slack", "teams", "status_page"
PAGE_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Preview:
    """`used`: the audience is reached this way today. `rich`: shown with headings and links, else bare text. `length`
    of `limit` in `unit` (characters or parts; limit 0: none); `cut`: not all of it is shown there.
    """

    channel: str
    title: str
    used: bool
    rich: bool
    length: int
    limit: int
    unit: str
    cut: bool
    sender: str
    subject: str
    text: str


def of(case: Case, content: Content | Message, now: datetime) -> tuple[Preview, ...]:
    """One of each of the five channels, in the same order."""
    directory = case.directory(now)
    fixed = case.template.senders.get(content.audience, "")
    if fixed and isinstance(content, Content):
        content = replace(content, sender_identity=fixed)
    body = sending.body_of(case.incident, case.template, content, directory)
    out = Outgoing(
        key="preview", to="", subject=body["subject"], text=body["text"], kind="message", urgency="low",
        facts=tuple((label, value) for label, value in body["facts"]), data=body["data"], drill=case.incident.drill,
    )  # fmt: skip
    routes = set(
        models.AudienceRoute.objects.filter(audience=content.audience).values_list("channel", flat=True)
    )
    paid = {kind for kind, module in channels().items() if getattr(module, "PAID", "") == "text"}
    page = _page(out, bool(content.pages))
    return (
        _mail(out), _text(out, used=bool(routes & paid)), _slack(out, used="slack" in routes),
        _teams(out, used="teams" in routes), page,
    )  # fmt: skip


def _mail(out: Outgoing) -> Preview:
    name = Sender("", _setting("email", "from_name", "Quarterdeck")).speaking(out).name
    text = rendering.body_text(out)
    address = str(_setting("email", "from_address", ""))
    sender = f"{name} <{address}>" if address else name
    return Preview(
        EMAIL, "E-mail", True, True, len(text), 0, "characters", False, sender, rendering.title(out), text
    )


def _text(out: Outgoing, *, used: bool) -> Preview:
    """As the text message channel of the installation cuts it."""
    most = next((int(v) for k in ("sms_twilio", "sms_gateway") if (v := _setting(k, "segments", 0))), 4)
    whole = sms_twilio.words(out, 1000, replies=False)
    shown = sms_twilio.words(out, most, replies=False)
    cost = segments.cost(whole)
    unit = f"parts ({segments.cost(shown).alphabet})"
    return Preview(
        TEXT, "Text message", used, False, cost.segments, most, unit, shown != whole, "", "", shown
    )


def _slack(out: Outgoing, *, used: bool) -> Preview:
    blocks = slack.render(out)["blocks"]
    texts = [b["text"]["text"] for b in blocks if "text" in b]
    shown = "\n\n".join(texts[1:])
    cut = len(out.text.strip()) > slack.SECTION
    return Preview(
        SLACK, "Slack", used, False, len(out.text.strip()), slack.SECTION, "characters", cut, "", texts[0], shown
    )  # fmt: skip


def _teams(out: Outgoing, *, used: bool) -> Preview:
    rows = teams.render(out)["attachments"][0]["content"]["body"]
    texts = ["".join(run["text"] for run in row["inlines"]) for row in rows]
    shown = "\n".join(texts[1:])
    cut = len(out.text.strip()) > teams.TEXT
    return Preview(
        TEAMS, "Microsoft Teams", used, False, len(out.text.strip()), teams.TEXT, "characters", cut, "", texts[0], shown
    )  # fmt: skip


def _page(out: Outgoing, used: bool) -> Preview:
    length = len(out.text)
    return Preview(
        PAGE, "Status page", used, True, length, PAGE_LIMIT, "characters", length > PAGE_LIMIT, "", "", out.text
    )  # fmt: skip


def _setting(kind: str, name: str, otherwise: Any) -> Any:
    found: Mapping[str, Mapping[str, Any]] = settings.QUARTERDECK_CHANNELS
    return found.get(kind, {}).get(name, otherwise)
