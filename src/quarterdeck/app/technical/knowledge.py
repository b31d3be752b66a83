"""Knowledge: what somebody wrote once so that nobody has to find it out again, with its author and where it came from.

An article out of a restricted incident does not exist for outsiders.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.aftermath import Aftermath
from quarterdeck.core.incidents.events import EntryPromoted
from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.incidents.record import TEXT_LIMIT as ENTRY_LIMIT
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.reviews import PARTS
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..learning import notices
from ..search_words import contains
from ..visibility import hidden_incidents, known_to

TITLE_LIMIT, TEXT_LIMIT = 200, 40_000
# What of a review helps the next one.
TOLD = (
    "root_cause",
    "contributing_factors",
    "technical_analysis",
    "what_helped",
    "what_hindered",
    "runbook_change",
)
# What of a timeline somebody may have said for others to use.
PROMOTABLE = ("note", "finding", "followup", "can", "abnormal", "correction")
assert TEXT_LIMIT >= ENTRY_LIMIT


def articles(who: Who, q: str = "") -> QuerySet[models.KnowledgeArticle]:
    """Articles with every word of `q` in title or text. Unordered."""
    rows = models.KnowledgeArticle.objects.exclude(incident_id__in=hidden_incidents(who).values("id"))
    return rows.filter(contains(q, "title", "text"))


def find(article_id: str, who: Who) -> models.KnowledgeArticle:
    found = articles(who).filter(id=article_id).first()
    if found is None:
        raise missing("article.unknown", "There is no such article. Look it up in the list.")
    return found


def write(act: Act, title: str, text: str) -> models.KnowledgeArticle:
    """A new article of one's own."""
    need(act, "review.edit")
    title, text = _said(title, text)
    with tx.write("web"):
        return _make(act, title, text, author=act.person)


def promote(act: Act, incident_id: str, entry_id: str, title: str) -> models.KnowledgeArticle:
    """What somebody wrote in an incident becomes an article under their name, with the incident as its source (R-068).

    The same entry twice gives the same article.
    """
    need(act, "review.edit")
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = casebook.load(incident_id, act.who)
        left: Aftermath = case.incident.aftermath
        if entry_id in left.promoted:
            return find(left.promoted[entry_id], act.who)
        entry = case.incident.entries.get(entry_id)
        row = models.TimelineRow.objects.filter(incident_id=incident_id, entry_id=entry_id)
        written = row.exclude(kind__in=("pin", "flag", "share")).order_by("seq").first()
        if entry is None or written is None:
            raise missing("entry.unknown", "There is no such entry in this incident. Reload its timeline.")
        if entry.superseded_by:
            raise Refused("entry.superseded", "This entry was corrected. Make an article of the newest text.")
        if not written.text.strip() or written.kind not in PROMOTABLE:
            raise Refused("entry.kind", "Only notes and findings become articles. Write an article instead.")
        title, text = _said(title, written.text)
        article = _make(
            act, title, text, author=entry.author, incident_id=incident_id, entry_id=entry_id,
            promoted_by=act.person,
        )  # fmt: skip
        casebook.change_within(
            act, incident_id, lambda i, t: [EntryPromoted(entry_id, article.id, title, entry.author)]
        )
        return article


def from_review(act: Act, incident_id: str, title: str) -> models.KnowledgeArticle:
    """What a review found becomes an article, with its incident as the source (R-078). Once it is agreed, by who may
    write reviews.
    """
    need(act, "review.edit")
    case = casebook.load(incident_id, act.who)
    review, left = case.incident.review, case.incident.aftermath
    if review is None or not review.is_public:
        raise Refused("review.open", "The review is not agreed yet. Make an article of it when it is.")
    told = [(p.title, review.sections.get(p.key, "")) for p in PARTS if p.key in TOLD]
    told.append(("Lessons", "\n".join(f"- {one.text}" for one in left.lessons.values())))
    text = "\n\n".join(f"## {heading}\n\n{said.strip()}" for heading, said in told if said.strip())
    title, text = _said(title, text[:TEXT_LIMIT])
    with tx.write("web"):
        return _make(act, title, text, author=act.person, incident_id=incident_id)


def sources(article: models.KnowledgeArticle, who: Who) -> list[str]:
    """The incidents it comes from: the one it was made of, and those whose experts answered with it."""
    cited = models.ContributionRow.objects.filter(article=article.id).values_list("incident_id", flat=True)
    return sorted(known_to(who, {article.incident_id, *cited}), key=lambda key: int(key[4:]))


def versions(article_id: str) -> list[models.KnowledgeVersion]:
    """What it said before, the newest first."""
    return list(models.KnowledgeVersion.objects.filter(article_id=article_id).order_by("-number"))


def change(
    act: Act, article_id: str, title: str, text: str, note: str = "", teams: Sequence[str] = ()
) -> models.KnowledgeArticle:
    """A better text. The author stays the author; who changed it is told beside. With `teams` (keys) their members are
    sent a notice that says in the `note` what changed: the article is how they work.
    """
    if teams:
        note = filled(clean(note, notices.NOTE_LIMIT), "note", "Say what changes, for those who are told.")
    with tx.write("web"):
        article = find(article_id, act.who)
        if article.author != act.person and not may(act.who, "settings.edit"):
            raise forbidden(
                "article.not_yours",
                "Only its author or an administrator changes it. Write to them, or write another.",
            )
        title, text = _said(title, text)
        if (article.title, article.text) != (title, text):
            before = models.KnowledgeVersion.objects.filter(article_id=article.id).count()
            models.KnowledgeVersion.objects.create(
                id=new_id(), article_id=article.id, number=before + 1, title=article.title, text=article.text,
                by=article.changed_by or article.author, at=article.changed_at,
            )  # fmt: skip
            models.KnowledgeArticle.objects.filter(id=article.id).update(
                title=title, text=text, changed_at=act.at, changed_by=act.person
            )
            log.audit("ArticleChanged", {"article": article.id}, at=act.at, actor=act.person)
            if teams:
                _announce(act, article, title, str(before + 2), note, teams)
    return find(article_id, act.who)


def _announce(
    act: Act, article: models.KnowledgeArticle, title: str, version: str, note: str, teams: Sequence[str]
) -> None:
    if models.IncidentRow.objects.filter(id=article.incident_id, restricted=True).exists():
        message = (
            "It comes out of a restricted incident: others must not hear of it. Tell its people yourself."
        )
        raise Refused("article.restricted", message)
    words = notices.Words("article", article.id, title, note, f"/knowledge/{article.id}", version)
    notices.publish(act, words, notices.people(notices.Audience(teams=teams)))


def _make(act: Act, title: str, text: str, **fields: str) -> models.KnowledgeArticle:
    made = models.KnowledgeArticle.objects.create(
        id=new_id(), title=title, text=text, created_at=act.at, changed_at=act.at, **fields
    )
    log.audit("ArticleWritten", {"article": made.id}, at=act.at, actor=act.person)
    return made


def _said(title: str, text: str) -> tuple[str, str]:
    title = one_line(filled(clean(title, 1000), "title", "Give the article a title."), "title", TITLE_LIMIT)
    if len(text) > TEXT_LIMIT:
        message = f"The text has {len(text)} characters; {TEXT_LIMIT} fit. Split it."
        raise bad("text.long", message, text=message)
    return title, filled(clean(text, TEXT_LIMIT), "text", "Write what you know.")
