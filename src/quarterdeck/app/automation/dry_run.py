"""What a rule would have done: the last days looked through, one case in detail. Reads only, changes nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from quarterdeck.app import casebook
from quarterdeck.app.act import Act, need
from quarterdeck.app.casebook import Case
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import hidden_incidents, visible_incidents
from quarterdeck.core.incidents import Incident, Stamped, evolve
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.automation import (
    DEEDS,
    TRIGGERS,
    Occurrence,
    Part,
    Rule,
    explain,
    names,
    occurrences,
)
from quarterdeck.core.incidents.automation.triggers import (
    ALERT_ESCALATED,
    ALERT_RECEIVED,
    ALERT_RESOLVED,
    OPEN_FOR,
)
from quarterdeck.core.incidents.expressions import parse
from quarterdeck.core.incidents.state import OPEN_PHASES
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.store import codec, log, models

from . import veil
from .facts import Scene
from .rules import lint
from .targets import label, people

DAYS = 30
# Looked through at most, the newest first: incidents, events of one, alerts; and what is shown of it.
MOST_INCIDENTS, MOST_EVENTS, MOST_ALERTS, MOST_SHOWN = 60, 2_000, 300, 50


@dataclass(frozen=True, slots=True)
class Match:
    """A moment at which the trigger was there; `holds`: and the condition held. `about` is the id of what it was."""

    at: datetime
    about: str
    title: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Would:
    """One action as it would be: whom or what it is for, the text filled, and what is in its way, if anything."""

    title: str
    to: str
    text: str
    problem: str = ""


@dataclass(slots=True)
class Shown:
    """`seen` moments the trigger was there in the days looked through, `held` of them with the condition; `complete`:
    nothing was left out. `on` says what the condition and the actions are shown for.
    """

    seen: int = 0
    held: int = 0
    complete: bool = True
    matches: list[Match] = field(default_factory=list)
    on: str = ""
    parts: list[Part] = field(default_factory=list)
    actions: list[Would] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Moment:
    at: datetime
    about: str
    title: str
    scene: Scene


def dry_run(act: Act, rule: Rule, name: str, about: str = "") -> Shown:
    """`about`: an incident or an alert to show it on; "" is the newest moment that would have run, else a made-up one.

    Refused for a rule that could not be saved.
    """
    need(act, "settings.read")
    faults = lint(rule)
    if faults:
        raise bad("rule.unfit", faults[0].text, **{faults[0].field: faults[0].text})
    shown = Shown()
    chosen: _Moment | None = None
    for moment in _moments(act, rule, name, shown):
        holds = _parts(rule, moment.scene)[0].holds
        shown.seen += 1
        shown.held += holds
        if len(shown.matches) < MOST_SHOWN:
            shown.matches.append(Match(moment.at, moment.about, moment.title, holds))
        if chosen is None and holds and not about:
            chosen = moment
    shown.matches.sort(key=lambda m: m.at, reverse=True)
    scene, shown.on = _scene(act, rule, name, about, chosen)
    shown.parts = _parts(rule, scene)
    shown.actions = [_would(scene, a.deed, dict(a.values)) for a in veil.of_rule(rule, act.who).actions]
    return shown


def _scene(act: Act, rule: Rule, name: str, about: str, chosen: _Moment | None) -> tuple[Scene, str]:
    if about:
        return _given(act, rule, name, about)
    if chosen is not None:
        return chosen.scene, f"{chosen.about} {chosen.title}".strip()
    if rule.about == "alert":
        row = models.Alert(
            id="sample", summary="A sample: the disk is full", severity="critical", source="sample", status="open",
            last_seen_at=act.at, first_seen_at=act.at,
        )  # fmt: skip
        return Scene(act.at, name, {}, None, row), "A made-up alert"
    from quarterdeck.app.catalog.catalogue import current

    template = current().templates[0]
    made = Incident(
        number=0, title="A sample: checkout fails", severity=1, phase=template.phases[0], declared_at=act.at,
        declared_by=act.person,
    )  # fmt: skip
    return Scene(act.at, name, _words(rule), Case(made, template)), "A made-up incident"


def _given(act: Act, rule: Rule, name: str, about: str) -> tuple[Scene, str]:
    if rule.about == "incident":
        case = casebook.load(about.strip().upper(), act.who)
        return Scene(act.at, name, _words(rule), case), f"{case.incident.key} {case.incident.title}"
    alert = _alerts(act).select_related("service").filter(id=about).first()
    if alert is None:
        raise missing("alert.unknown", "There is no such alert. Give its id.")
    return Scene(act.at, name, {}, _case_of(alert), alert), alert.summary


def _words(rule: Rule) -> dict[str, str | bool]:
    """Values of the trigger's own names, where nothing set it off."""
    found: dict[str, str | bool] = {n: "" for n in TRIGGERS[rule.trigger].asks}
    return found | {n: False for n in found if n == "trigger.worse"} | {"trigger.by_rule": False}


def _parts(rule: Rule, scene: Scene) -> list[Part]:
    values = {**_words(rule), **scene.values()}
    return explain(parse(rule.condition, names(TRIGGERS[rule.trigger])), values)


def _moments(act: Act, rule: Rule, name: str, shown: Shown) -> Iterator[_Moment]:
    since = act.at - timedelta(days=DAYS)
    if rule.about == "alert":
        yield from _of_alerts(act, rule, name, since, shown)
        return
    rows = (
        visible_incidents(act.who)
        .filter(declared_at__gt=since - timedelta(days=DAYS))
        .order_by("-declared_at")
    )
    if not rule.restricted:
        rows = rows.filter(restricted=False)
    found = list(rows.values_list("id", flat=True)[: MOST_INCIDENTS + 1])
    shown.complete = len(found) <= MOST_INCIDENTS
    for incident_id in found[:MOST_INCIDENTS]:
        yield from reversed(list(_of_incident(incident_id, rule, name, since, act.at)))


def _of_incident(
    incident_id: str, rule: Rule, name: str, since: datetime, now: datetime
) -> Iterator[_Moment]:
    template = casebook.load(incident_id).template
    events = [codec.decode(e) for e in log.read(incident_id)[:MOST_EVENTS]]
    before = Incident()
    for n, one in enumerate(events):
        after = evolve(before, one)
        for what in occurrences(before, after, [one]):
            if what.trigger == rule.trigger and one.at >= since:
                made = _moment(events, n, after, what, rule, now)
                if made is not None:
                    at, state = made
                    scene = Scene(at, name, {**what.words, "trigger.by_rule": False}, Case(state, template))
                    yield _Moment(at, incident_id, state.title, scene)
        before = after


def _moment(
    events: list[Stamped], n: int, after: Incident, what: Occurrence, rule: Rule, now: datetime
) -> tuple[datetime, Incident] | None:
    """When the rule would have run for it, and the incident then; None where it would not."""
    if what.trigger != OPEN_FOR:
        return events[n].at, after
    at = events[n].at + timedelta(minutes=rule.minutes)
    state = after
    for later in events[n + 1 :]:
        if later.at > at:
            break
        state = evolve(state, later)
        if isinstance(later.event, ev.Resolved | ev.Closed | ev.Dismissed | ev.MergedInto):
            return None
    return (at, state) if at <= now and state.phase in OPEN_PHASES else None


def _alerts(act: Act) -> QuerySet[models.Alert]:
    return models.Alert.objects.exclude(incident_id__in=hidden_incidents(act.who).values("id"))


def _of_alerts(act: Act, rule: Rule, name: str, since: datetime, shown: Shown) -> Iterator[_Moment]:
    rows = _alerts(act).select_related("service").filter(first_seen_at__gt=since)
    if not rule.restricted:
        rows = rows.exclude(incident_id__in=models.IncidentRow.objects.filter(restricted=True).values("id"))
    quiet = timedelta(minutes=rule.minutes)
    if rule.trigger == ALERT_RECEIVED:
        rows = rows.exclude(status="silenced").annotate(then=F("first_seen_at"))
    elif rule.trigger == ALERT_RESOLVED:
        rows = rows.filter(status="resolved").annotate(then=F("resolved_at"))
    elif rule.trigger == ALERT_ESCALATED:
        called = models.Callout.objects.filter(step__gt=0, created_at__gt=since).exclude(alert_id="")
        rows = rows.filter(id__in=called.values("alert_id")).annotate(then=F("last_seen_at"))
    else:
        rows = rows.filter(last_seen_at__lte=act.at - quiet).annotate(then=F("last_seen_at"))
    found = list(rows.order_by("-id")[: MOST_ALERTS + 1])
    shown.complete = len(found) <= MOST_ALERTS
    for alert in found[:MOST_ALERTS]:
        then = getattr(alert, "then", None) or alert.last_seen_at
        yield _Moment(then, alert.id, alert.summary, Scene(act.at, name, {}, None, alert))


def _case_of(alert: models.Alert) -> Case | None:
    return casebook.load(alert.incident_id) if alert.incident_id else None


def _would(scene: Scene, deed: str, values: dict[str, str]) -> Would:
    """Whom it is for and what it says, by the same look-ups that the action uses."""
    directory = Directory(scene.now)
    known = DEEDS[deed]
    text = scene.fill(values.get("text", ""))
    to, problem = _to(scene, deed, values, directory)
    if not text:
        text = ", ".join(
            f"{f.title}: {values[f.key]}" for f in known.fields if f.key in values and f.kind != "target"
        )
    return Would(known.title, to, text, problem)


def _to(scene: Scene, deed: str, values: dict[str, str], directory: Directory) -> tuple[str, str]:
    target = values.get("to") or values.get("commander") or ""
    if target:
        try:
            found = people(target, scene.incident_id, directory)
        except Refused as e:
            return label(target, directory), e.message
        return ", ".join(directory.name(p) for p in found), ""
    if deed in ("task", "runbook") and scene.case is not None:
        held = scene.case.incident.holder(values["role"]) or scene.case.incident.commander
        return (directory.name(held.person), "") if held else (values["role"], "Nobody holds this role.")
    for key in ("role", "audience", "room", "component"):
        if values.get(key):
            return values[key].replace("_", " "), ""
    if values.get("url"):
        return values["url"], ""
    needs_incident = "incident" in DEEDS[deed].about and not scene.incident_id and scene.alert is not None
    return "", "The alert belongs to no incident." if needs_incident and scene.alert.id != "sample" else ""
