"""Links by which customers say how an incident was handled: what a message carries of them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from quarterdeck.channels.status_site.outside import phrases
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.parts import Message
from quarterdeck.store import models

from . import links

BY_MAIL, OPEN = "m", "p"


def url(link: models.FeedbackLink) -> str:
    """For everybody of the audience."""
    return f"{settings.QUARTERDECK_PUBLIC_URL}/f/{link.slug}/"


def own(everybodys: str, contact_id: str) -> str:
    """The link for everybody made one for this contact: then it takes one answer, whoever opens it."""
    slug = everybodys.rstrip("/").rpartition("/")[2]
    nonce = links.token("feedback-contact", f"{slug}/{contact_id}")[:16]
    return f"{everybodys}{token(slug, BY_MAIL + nonce)}/"


def asked(incident: Incident, message: Message) -> models.FeedbackLink | None:
    """The link that this message carries: a final one does, where its audience is asked for feedback."""
    if not message.final:
        return None
    rows = models.FeedbackLink.objects.filter(incident_id=incident.key, audience=message.audience)
    return rows.filter(closed_at=None).first()


def carried(link: models.FeedbackLink | None) -> dict[str, str]:
    """What a mail carries besides its text; one to a single contact has a link of its own instead."""
    return {} if link is None else {"link": url(link), "link_label": phrases("en")["f_link"]}


def below(incident: Incident, message: Message, pages: Sequence[str]) -> dict[str, str]:
    """What stands below the text on each of these pages: the link for everybody, in the page's first language."""
    link = asked(incident, message) if pages else None
    if link is None:
        return dict.fromkeys(pages, "")
    spoken = dict(models.PageBrand.objects.filter(page__in=pages).values_list("page_id", "languages"))
    label = {page: phrases((spoken.get(page) or ["en"])[0])["f_link"] for page in pages}
    return {page: f"\n\n[{label[page]}]({url(link)})" for page in pages}


def token(slug: str, nonce: str) -> str:
    """A part of one's own, signed: nobody makes one for a link they were not given."""
    return f"{nonce}.{links.token('feedback', f'{slug}/{nonce}')}"
