"""`declare`, `ack`, `page`, `who`, `status`: what a responder does from a terminal, over the REST interface."""

from __future__ import annotations

import uuid
from typing import Any

import click

from .remote import REFUSED, Remote, connect, show, stop

as_json_option = click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")


@click.command(
    epilog="""\b
Examples:
  quarterdeck declare "Checkout is down" --severity 1
  quarterdeck declare "Search is slow" --service search --note "p95 at 8 s since 14:02"
  quarterdeck declare "Search is slow" --commander ben
  quarterdeck declare "Search is slow" --both "Same cause, same people"
  quarterdeck declare "Fire drill: lost region" --drill"""
)
@click.argument("title")
@click.option("--severity", type=click.IntRange(1, 5), help="1 is the worst. Without it, triage decides.")
@click.option("--type", "kind", help="The type of incident, such as availability.")
@click.option(
    "--service", "services", multiple=True, help="The key of a service that suffers; may be repeated."
)
@click.option("--note", default="", help="What is known.")
@click.option("--drill", is_flag=True, help="Practise: nothing leaves the building.")
@click.option("--commander", help="Who commands it instead of you: mail address, handle or name.")
@click.option(
    "--both", "both_reason", default="", help="Why you command it besides another incident you hold."
)
@as_json_option
def declare(
    title: str,
    severity: int | None,
    kind: str | None,
    services: tuple[str, ...],
    note: str,
    drill: bool,
    commander: str | None,
    both_reason: str,
    as_json: bool,
) -> None:
    """Declare an incident. You command it from this second until you hand over."""
    remote = connect()
    body: dict[str, Any] = {"title": title, "services": list(services), "summary": note, "drill": drill}
    body |= {"commander": person_named(remote, commander)} if commander else {}
    body |= {"both_reason": both_reason} if both_reason else {}
    body |= {"severity": severity} if severity else {}
    body |= {"type": kind} if kind else {}
    # The same key on a retry of the transport declares once.
    made = remote.post("/incidents", body, **{"Idempotency-Key": str(uuid.uuid4())})
    lead = f"{made['commander']['name']} is" if commander else "You are"
    lines = [f"{made['id']}  SEV{made['severity']}  {made['title']}", f"{lead} the commander."]
    lines += [f"Still to do: {gap['text']}" for gap in made["gaps"]]
    show(made, lines, as_json)


@click.command(
    epilog="""\b
Examples:
  quarterdeck ack                 what waits for you (answers at once when it is only one thing)
  quarterdeck ack ALERT           an alert by its id
  quarterdeck ack --all           everything that waits for you"""
)
@click.argument("thing", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that waits for you.")
@as_json_option
def ack(thing: str | None, everything: bool, as_json: bool) -> None:
    """Acknowledge: you have it, and nobody else is paged for it."""
    remote = connect()
    if thing:
        taken = remote.put(f"/alerts/{thing}/acknowledgement")
        show(taken, [f"acknowledged: {taken['summary']}"], as_json)
        return
    waiting = remote.get("/callouts", mine="true", state="waiting")["items"]
    if not waiting:
        show([], ["Nothing waits for you."], as_json)
        return
    if len(waiting) > 1 and not everything:
        lines = [f"{c['id']}  {c['subject']}" for c in waiting]
        show(waiting, [*lines, "Acknowledge all of them with: quarterdeck ack --all"], as_json)
        return
    taken = [remote.put(f"/callouts/{c['id']}/acknowledgement") for c in waiting]
    show(taken, [f"acknowledged: {c['subject']}" for c in taken], as_json)


@click.command(
    epilog="""\b
Examples:
  quarterdeck page ben@example.com --reason "Need a database engineer" --incident INC-1042
  quarterdeck page --schedule database --reason "Replication stopped"
  quarterdeck page --commander --reason "Nobody leads INC-1042" """
)
@click.argument("people", nargs=-1)
@click.option(
    "--schedule", "schedules", multiple=True, help="Whoever is on call in this schedule; may be repeated."
)
@click.option("--team", "teams", multiple=True, help="Everybody in this team; may be repeated.")
@click.option("--commander", is_flag=True, help="The primary and the backup commander at once.")
@click.option("--reason", default="", help="Why them. They read it.")
@click.option("--subject", default="", help="What it is about, in a few words.")
@click.option("--incident", help="The incident it belongs to, such as INC-1042.")
@click.option("--low", is_flag=True, help="Not urgent: their low-urgency rules apply.")
@as_json_option
def page(
    people: tuple[str, ...],
    schedules: tuple[str, ...],
    teams: tuple[str, ...],
    commander: bool,
    reason: str,
    subject: str,
    incident: str | None,
    low: bool,
    as_json: bool,
) -> None:
    """Page people (by mail address, handle or name), whoever is on call, a team, or a commander."""
    remote = connect()
    body: dict[str, Any] = {"reason": reason} | ({"incident": incident} if incident else {})
    if commander:
        made = remote.post("/commander-callouts", body)
    elif not (people or schedules or teams):
        stop("Say whom: people, --schedule, --team or --commander.", REFUSED)
    else:
        ids = [person_named(remote, name) for name in people]
        body |= {"people": ids, "schedules": list(schedules), "teams": list(teams), "subject": subject}
        made = remote.post("/callouts", body | {"urgency": "low" if low else "high"})
    lines = [f"paged {c['person']['name']}: {c['subject']}" for c in made["items"]]
    show(made, lines, as_json)


def person_named(remote: Remote, name: str) -> str:
    """The id of the one person this means. Ends the program when it is nobody or several."""
    found = remote.get("/people", q=name, active="true")["items"]
    exact = [p for p in found if name.lower() in (p["email"].lower(), p["handle"].lower(), p["name"].lower())]
    chosen = exact or found
    if len(chosen) != 1:
        several = ", ".join(f"{p['name']} <{p['email']}>" for p in chosen[:5])
        stop(
            f"{name!r} means several people: {several}." if chosen else f"Nobody is called {name!r}.", REFUSED
        )
    person_id: str = chosen[0]["id"]
    return person_id


@click.command(
    epilog="""\b
Examples:
  quarterdeck who
  quarterdeck who --service checkout
  quarterdeck who --at 2026-12-24T03:00:00Z
  quarterdeck who --service checkout --severity critical --at 2026-12-24T03:00:00Z"""
)
@click.option("--service", help="Only the schedules that alerts of this service page.")
@click.option("--at", help="At this time instead of now (RFC 3339).")
@click.option(
    "--severity",
    type=click.Choice(["critical", "error", "warning", "info"]),
    help="With a service: whom such an alert would call, step by step. Nobody is called.",
)
@as_json_option
def who(service: str | None, at: str | None, severity: str | None, as_json: bool) -> None:
    """Who is on call and whose a service is, and whom an alert would call."""
    remote = connect()
    if severity and not service:
        stop("Say which service the alert is of: --service KEY.", REFUSED)
    owned = remote.get(f"/services/{service}", at=at) if service else {}
    lines = _owned(owned) if "owner" in owned else []
    found = owned.get("on_call")
    if found is None:  # every schedule, or a product of the release before
        found = remote.get("/oncall", service=service, at=at)["items"]
    for d in found:
        until = f" until {d['until']}" if d["until"] else ""
        # A product of the release before names the first alone.
        known = d.get("people") or ([d["person"]] if d["person"] else [])
        people = ", ".join(p["name"] for p in known)
        lines.append(f"{d['name']:30} {people or 'NOBODY: ' + d['reason']}{until}")
    lines = [*lines, *([] if found else ["There is no schedule for that."])]
    if not severity:
        show(found, lines, as_json)
        return
    ladder = remote.get(f"/services/{service}/escalation", at=at, severity=severity)
    show({"on_call": found, "escalation": ladder}, [*lines, "", *_ladder(ladder)], as_json)


def _owned(service: dict[str, Any]) -> list[str]:
    """Whose a service is, before who is on call for it."""
    owner = service["owner"]
    if owner is None:
        return [f"{service['name']} is owned by nobody."]
    leads = ", ".join(p["name"] for p in owner["leads"])
    return [f"{service['name']} is owned by {owner['name']}{f', led by {leads}' if leads else ''}."]


def _ladder(ladder: dict[str, Any]) -> list[str]:
    """The exact sequence of calls, a line for each contact that would be tried."""
    if ladder["policy"] is None:
        return ["No policy covers this service: nobody would be paged."]
    lines = [f"Policy {ladder['policy']}, urgency {ladder['urgency']}, if nobody answers:"]
    if ladder.get("by_turns"):
        lines.append("A step calls one of several people, in turn: another alert may call another.")
    for firing in ladder["firings"]:
        lines += [f"{_after(firing['after_seconds'])}  {text}" for text in firing["skipped"]]
        for call in firing["calls"]:
            name = call["person"]["name"]
            lines += [
                f"{_after(firing['after_seconds'] + t['after_seconds'])}  {name} by {t['channel']}: {call['reason']}"
                for t in call["tries"]
            ] or [f"{_after(firing['after_seconds'])}  {name} CANNOT BE REACHED: {call['unreachable']}"]
        if firing["last"]:
            lines.append(f"{_after(firing['after_seconds'])}  the end: {firing['reason']}")
    return lines


def _after(seconds: int) -> str:
    return f"+{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@click.command(
    epilog="""\b
Examples:
  quarterdeck status               every open incident, and whether paging works
  quarterdeck status INC-1042      who leads, who does what now, the next update due"""
)
@click.argument("incident", required=False)
@as_json_option
def status(incident: str | None, as_json: bool) -> None:
    """Open incidents, who commands them, and whether paging works; or one incident's command."""
    remote = connect()
    if incident:
        panel = remote.get(f"/incidents/{incident}/command")
        found = remote.get(f"/incidents/{incident}")
        show(panel, [_headline(found), *panel["text"]], as_json)
        return
    health = remote.get("/health")
    found = remote.get("/incidents", open="true")["items"]
    lines = [f"Paging: {health['status']}"] + [f"  {a['text']}" for a in health["alarms"]]
    for i in found:
        lead = i["commander"]["name"] if i["commander"] else "NOBODY"
        lines.append(f"{_headline(i)}  commander: {lead}")
    show({"health": health, "incidents": found}, lines if found else [*lines, "No open incident."], as_json)


def _headline(i: dict[str, Any]) -> str:
    """Number, severity, phase and title of an incident, in one line."""
    drill = " (drill)" if i["drill"] else ""
    return f"{i['id']}  SEV{i['severity']}  {i['phase']:14} {i['title']}{drill}"
