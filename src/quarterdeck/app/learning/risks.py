"""The risk register: what may go wrong, with its safeguard, owner and dates, and what each was seen in (R-009).

A risk linked to a restricted incident does not exist for whoever may not know of that incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.incidents.guards import calendar_day, filled, one_line
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.reviews import risks as core
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..incidents.command import who as who_is
from ..oncall import duty_notes
from ..paging.directory import must_be_active
from ..visibility import hidden_incidents, must_see, visible_incidents

TITLE_LIMIT, TEXT_LIMIT, MOST_SERVICES = 200, 4000, 20
ACCEPTED_AT_MOST = timedelta(days=366)
LINKS = ("incident", "item", "problem", "pattern", "drill")


@dataclass(frozen=True, slots=True)
class Draft:
    """A risk as somebody writes it. `services` are keys; days are ISO 8601."""

    title: str
    owner: str
    due_on: str
    description: str = ""
    services: Sequence[str] = ()
    likelihood: int = 3
    effect: int = 3
    safeguard: str = ""
    safeguard_state: str = "none"
    review_on: str = ""


def risks(who: Who) -> QuerySet[models.Risk]:
    """Every risk `who` may know of. Unordered."""
    hidden = models.RiskLink.objects.filter(
        kind="incident", ref__in=hidden_incidents(who).values("id")
    ).values("risk_id")
    return models.Risk.objects.exclude(id__in=hidden)


def find(risk_id: str, who: Who) -> models.Risk:
    found = risks(who).filter(id=risk_id).first()
    if found is None:
        raise missing("risk.unknown", "There is no such risk. Look it up in the list of risks.")
    return found


def of_service(key: str, who: Who) -> list[models.Risk]:
    """The live risks of a service, the gravest first."""
    live = risks(who).filter(state__in=core.LIVE, services__contains=f'"{key}"')
    found = [r for r in live if key in r.services]
    return sorted(found, key=lambda r: (-r.likelihood * r.effect, r.due_on, r.id))


def late(risk: models.Risk, today: str) -> str:
    """Which of its days has passed; "" while none has."""
    return core.overdue(core.Standing(risk.state, risk.due_on, risk.review_on, risk.accepted_until), today)


def overdue(who: Who, today: str) -> list[models.Risk]:
    """Live risks of which a day has passed, the oldest first."""
    rows = risks(who).filter(state__in=core.LIVE).order_by("due_on", "id")
    return [r for r in rows if late(r, today)]


def create(
    act: Act, draft: Draft, *, source: str = "hand", links: Iterable[tuple[str, str]] = ()
) -> models.Risk:
    """A new risk. Whoever links it to an incident must see that; its owner too."""
    need(act, "service.edit")
    said = _checked(draft)
    with tx.write("web"):
        whole = _whole(act.who, links)
        _owned(draft.owner, [ref for kind, ref in whole if kind == "incident"])
        row = models.Risk.objects.create(
            id=new_id(), **said, source=source, created_by=act.person, created_at=act.at, changed_at=act.at
        )
        models.RiskLink.objects.bulk_create(
            models.RiskLink(id=new_id(), risk=row, kind=k, ref=r, at=act.at) for k, r in whole
        )
        _audit(act, "RiskFound", row, {"owner": row.owner, "due_on": row.due_on})
        _tell_owner(act, row)
    return row


def change(act: Act, risk_id: str, *, note: str = "", **changes: Any) -> models.Risk:
    """Names of a Draft with their new values; None leaves one as it is. By its owner, or with the right to change
    services. What was before stays in the history.
    """
    with tx.write("web"):
        row = _mine(act, risk_id)
        given = {k: v for k, v in changes.items() if v is not None}
        before = {k: getattr(row, k) for k in Draft.__dataclass_fields__}
        said = _checked(Draft(**(before | given)))
        changed = {k: v for k, v in said.items() if v != before[k]}
        if not changed:
            return row
        if "owner" in changed:
            _owned(changed["owner"], incidents_of(row))
        _keep(act, row, changed, note)
        if "owner" in changed:
            _tell_owner(act, row)
    return row


def move(act: Act, risk_id: str, state: str, note: str = "") -> models.Risk:
    """`reduced`: its safeguard holds. `withdrawn`: it is none. `open`: again, or an acceptance is taken back."""
    with tx.write("web"):
        row = _mine(act, risk_id)
        if row.state != state:
            core.may_move(row.state, state, note=note, safeguard_state=row.safeguard_state)
            _keep(act, row, {"state": state, "accepted_by": "", "accepted_until": ""}, note)
    return row


def accept(act: Act, risk_id: str, until: str, note: str, by: str = "") -> models.Risk:
    """Somebody bears it until a day, with a reason; `by` is who decided, if it was not whoever writes it down."""
    until = calendar_day(until, "accepted_until")
    with tx.write("web"):
        row = _mine(act, risk_id)
        today = act.at.date()
        core.may_accept(until, today.isoformat(), (today + ACCEPTED_AT_MOST).isoformat(), note)
        if row.state not in core.LIVE:
            raise Refused("risk.over", f"This risk is {row.state}. Open it again first.")
        decided = by or act.person
        if by:
            _owned(by, incidents_of(row), "by")
        _keep(act, row, {"state": core.ACCEPTED, "accepted_by": decided, "accepted_until": until}, note)
    return row


def link(act: Act, risk_id: str, kind: str, ref: str) -> models.Risk:
    """It was seen there, too. Twice is once. A restricted incident is not linked to what others know of."""
    with tx.write("web"):
        row = _mine(act, risk_id)
        known = {(x.kind, x.ref) for x in row.links.all()}
        new = [one for one in _whole(act.who, [(kind, ref)]) if one not in known]
        own = set(incidents_of(row))
        hidden = models.IncidentRow.objects.filter(
            id__in=[r for k, r in new if k == "incident" and r not in own], restricted=True
        )
        if hidden.exists():
            message = (
                "This incident is restricted, and others know of the risk. Make a risk of its own out of it."
            )
            raise Refused("risk.restricted", message)
        for one, where in new:
            models.RiskLink.objects.create(id=new_id(), risk=row, kind=one, ref=where, at=act.at)
        if new:
            _write_down(act, row, {"links": ["", ", ".join(r for _, r in new)]}, "")
    return row


def incidents_of(risk: models.Risk) -> list[str]:
    return [x.ref for x in risk.links.all() if x.kind == "incident"]


def history(risk: models.Risk) -> list[models.RiskChange]:
    """What was changed, the newest first."""
    return list(risk.changes.order_by("-at", "-id")[:200])


def may_change(risk: models.Risk, who: Who) -> bool:
    return risk.owner == who.person or may(who, "service.edit")


def _whole(who: Who, links: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """These links, and the incident behind each item and problem: by it, it is seen who may know. Refuses what is not
    there.
    """
    found: dict[tuple[str, str], None] = {}
    for kind, ref in links:
        match kind:
            case "incident":
                must_see(who, ref)
            case "item":
                item = models.ActionItemRow.objects.filter(id=ref).first()
                behind = item.incident_id if item else ""
                found["incident", must_see(who, behind).id] = None
            case "problem":
                problem = models.Problem.objects.filter(id=ref).first()
                found["incident", must_see(who, problem.incident_id if problem else "").id] = None
            case "drill":
                found["incident", must_see(who, ref).id] = None
            case "pattern":
                ref = one_line(filled(ref, "ref", "Say which one."), "ref", 120)
            case _:
                message = f"Choose one of: {', '.join(LINKS)}."
                raise bad("link.kind", message, kind=message)
        found[kind, ref] = None
    return list(found)


def _checked(draft: Draft) -> dict[str, Any]:
    core.score(draft.likelihood, draft.effect)
    if draft.safeguard_state not in core.SAFEGUARDS:
        message = f"Choose one of: {', '.join(core.SAFEGUARDS)}."
        raise bad("safeguard.state", message, safeguard_state=message)
    if draft.safeguard_state != "none" and not draft.safeguard.strip():
        message = "Say what the safeguard is."
        raise bad("safeguard.missing", message, safeguard=message)
    services = list(dict.fromkeys(draft.services))
    known = set(models.Service.objects.filter(key__in=services).values_list("key", flat=True))
    if len(services) > MOST_SERVICES or set(services) != known:
        message = f"Choose at most {MOST_SERVICES} services of the catalog."
        raise bad("service.unknown", message, services=message)
    must_be_active(draft.owner, "owner")
    return {
        "title": one_line(filled(draft.title, "title", "Say what may go wrong."), "title", TITLE_LIMIT),
        "description": clean(draft.description, TEXT_LIMIT),
        "services": services,
        "likelihood": draft.likelihood,
        "effect": draft.effect,
        "safeguard": clean(draft.safeguard, TEXT_LIMIT),
        "safeguard_state": draft.safeguard_state,
        "owner": draft.owner,
        "due_on": calendar_day(draft.due_on),
        "review_on": calendar_day(draft.review_on, "review_on") if draft.review_on.strip() else "",
    }


def _owned(person: str, incidents: Sequence[str], field: str = "owner") -> None:
    """Whoever answers for it may know of it."""
    must_be_active(person, field)
    asked = set(incidents)
    if visible_incidents(who_is(person)).filter(id__in=asked).count() < len(asked):
        message = "The incident is restricted, and they are not in it. Name one of its people."
        raise bad("owner.outside", message, **{field: message})


def _mine(act: Act, risk_id: str) -> models.Risk:
    row = models.Risk.objects.select_for_update().get(id=find(risk_id, act.who).id)
    if not may_change(row, act.who):
        require(act.who, "service.edit")
    return row


def _keep(act: Act, row: models.Risk, changed: dict[str, Any], note: str) -> None:
    real = {k: v for k, v in changed.items() if getattr(row, k) != v}
    what = {k: [getattr(row, k), v] for k, v in real.items()}
    for name, value in real.items():
        setattr(row, name, value)
    row.note = clean(note, TEXT_LIMIT) or row.note
    row.changed_at = act.at
    row.save(update_fields=[*real, "note", "changed_at"])
    _write_down(act, row, what, note)


def _write_down(act: Act, row: models.Risk, what: dict[str, Any], note: str) -> None:
    models.RiskChange.objects.create(
        id=new_id(), risk=row, at=act.at, by=act.person, what=what, note=clean(note, TEXT_LIMIT)
    )
    told = {k: str(v[1]) for k, v in what.items() if k in ("owner", "due_on", "state", "accepted_until")}
    _audit(act, "RiskChanged", row, told)


def _audit(act: Act, event: str, row: models.Risk, told: dict[str, str]) -> None:
    """Of a risk of a restricted incident the trail says no more than that it is there: all administrators read it."""
    log.audit(event, {"risk": row.id, "title": title_for_all(row)} | told, at=act.at, actor=act.person)


def title_for_all(row: models.Risk) -> str:
    """For messages and the audit trail, which stay when a restricted incident is forgotten."""
    restricted = models.IncidentRow.objects.filter(id__in=incidents_of(row), restricted=True).exists()
    return "something restricted" if restricted else row.title


def _tell_owner(act: Act, row: models.Risk) -> None:
    if row.owner != act.person:
        text = f"{title_for_all(row)}\n\nIts safeguard is due on {row.due_on}."
        duty_notes.tell([row.owner], "A risk is yours now", text, f"/prevention/risks/{row.id}", act.at)
