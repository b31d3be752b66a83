"""`quarterdeck inquiries` and `quarterdeck consents`: the desk and one's own name, over the REST interface."""

from __future__ import annotations

from typing import Any

import click

from .remote import REFUSED, Remote, connect, show, stop
from .respond import as_json_option
from .room import Incident

_REF = 6


@click.group()
def inquiries() -> None:
    """Questions of customers, support, staff, partners and the press. One is named by the end of its id."""


@inquiries.command("list")
@click.option("--incident", type=Incident(), help="Only those about this incident.")
@click.option("--all", "everything", is_flag=True, help="Also those that are answered or closed.")
@as_json_option
def list_them(incident: str | None, everything: bool, as_json: bool) -> None:
    """What is open, the latest first."""
    found = connect().get("/inquiries", incident=incident, is_open=None if everything else "true")["items"]
    lines = [
        f"{r['id'][-_REF:]}  {r['state']:9} {r['kind']:9} {(r['owner'] or {'name': '-'})['name']:20} "
        f"{' '.join(r['question'].split())[:80]}"
        for r in found
    ]
    show(found, lines or ["No inquiry is open."], as_json)


@inquiries.command()
@click.argument("inquiry")
@as_json_option
def take(inquiry: str, as_json: bool) -> None:
    """Make it yours."""
    remote = connect()
    row = _inquiry(remote, inquiry)
    mine = remote.get("/me")["id"]
    told = remote.post("/inquiries/bulk", {"act": "assign", "ids": [row["id"]], "owner": mine})["items"][0]
    show(told, ["It is yours."], as_json)


@inquiries.command()
@click.argument("inquiry")
@click.option("--anyway", is_flag=True, help="Although a newer word may be due.")
@click.option("--link", default="", help="The post, where the answer stands on a social network.")
@as_json_option
def answer(inquiry: str, anyway: bool, link: str, as_json: bool) -> None:
    """From the newest text that was approved and sent."""
    remote = connect()
    row = _inquiry(remote, inquiry)
    texts = remote.get(f"/inquiries/{row['id']}/texts")
    if not texts:
        stop("Nothing was sent yet that this can be answered from.", REFUSED)
    chosen = next((t for t in texts if not t["stale"]), texts[0])
    if chosen["stale"] and not anyway:
        stop("\n".join([*chosen["stale"], "To answer from it all the same: --anyway"]), REFUSED)
    body = {"message": chosen["message"], "anyway": anyway} | ({"link": link} if link else {})
    told = remote.put(f"/inquiries/{row['id']}/answer", body)
    show(told, ["Answered:", told["answer"]], as_json)


@inquiries.command()
@click.argument("inquiry")
@click.option("--to", "target", type=click.Choice(["lead", "commander"]), default="lead", show_default=True)
@click.option(
    "--priority", type=click.Choice(["urgent", "high", "normal"]), default="high", show_default=True
)
@click.option("--reason", required=True, help="What they have to decide or do.")
@as_json_option
def escalate(inquiry: str, target: str, priority: str, reason: str, as_json: bool) -> None:
    """Page the technical lead or the commander, with a time to deal with it."""
    remote = connect()
    row = _inquiry(remote, inquiry)
    body = {
        "target": "technical_lead" if target == "lead" else target, "priority": priority, "reason": reason,
    }  # fmt: skip
    told = remote.post(f"/inquiries/{row['id']}/escalations", body)
    show(told, [f"{told['person']['name']} is being paged; due {told['due_at']}."], as_json)


def _inquiry(remote: Remote, ref: str) -> Any:
    rows = remote.get("/inquiries", is_open="true", limit=200)["items"]
    found = [r for r in rows if len(ref) >= _REF and r["id"].endswith(ref.lower())]
    if len(found) != 1:
        stop("No open inquiry ends so. See: quarterdeck inquiries list", REFUSED)
    return found[0]


@click.group()
def consents() -> None:
    """Texts that ask for your name. One is named by the beginning of its hash, which any change of it ends."""


@consents.command("list")
@as_json_option
def waiting(as_json: bool) -> None:
    """Each with the exact text."""
    found = connect().get("/consents")
    lines = [
        f"{w['content_hash'][:8]}  {w['incident']}  signed as {w['title']}\n{w['text']}\n" for w in found
    ]
    show(found, lines or ["Your name is asked for nothing."], as_json)


@consents.command()
@click.argument("text")
@as_json_option
def give(text: str, as_json: bool) -> None:
    """Agree that exactly this text goes out in your name."""
    remote = connect()
    found = _text(remote, text)
    told = remote.put(_at(found), {"content_hash": found["content_hash"]})
    show(told, [f"In your name: {found['headline']}"], as_json)


@consents.command()
@click.argument("text")
@click.option("--reason", default="", help="Its author reads it.")
@as_json_option
def refuse(text: str, reason: str, as_json: bool) -> None:
    """Say that it does not go out in your name."""
    remote = connect()
    found = _text(remote, text)
    told = remote.delete(_at(found), reason=reason)
    show(told, [f"Not in your name: {found['headline']}"], as_json)


def _at(found: Any) -> str:
    return f"/incidents/{found['incident']}/messages/{found['message']}/consent"


def _text(remote: Remote, ref: str) -> Any:
    rows = remote.get("/consents")
    found = [w for w in rows if len(ref) >= 8 and w["content_hash"].startswith(ref.lower())]
    if len(found) != 1:
        stop(
            "No text that waits for you begins so: it may have changed. See: quarterdeck consents list",
            REFUSED,
        )
    return found[0]
