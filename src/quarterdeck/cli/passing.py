"""`snooze`, `reassign`, `escalate`: letting an alert sleep, or passing it on, over the REST interface."""

from __future__ import annotations

from typing import Any

import click

from quarterdeck.core.kernel.moments import duration

from .remote import REFUSED, connect, show, stop
from .respond import as_json_option, person_named


@click.command(
    epilog="""\b
Examples:
  quarterdeck snooze ALERT --for 2h --reason "The fix is rolling out"
  quarterdeck snooze ALERT --end          wake it now: paging starts again"""
)
@click.argument("alert")
@click.option("--for", "span", default="1h", show_default=True, help="How long, up to 24h: 30m, 2h, 1h 30m.")
@click.option("--reason", default="", help="Why it can wait. Others read it.")
@click.option("--end", is_flag=True, help="End its snooze now.")
@as_json_option
def snooze(alert: str, span: str, reason: str, end: bool, as_json: bool) -> None:
    """Let an alert sleep: nobody is called for it until then, and paging starts again if it still fires."""
    remote = connect()
    if end:
        remote.delete(f"/alerts/{alert}/snooze")
        show({}, ["The snooze is over: paging starts again."], as_json)
        return
    try:
        minutes = int(duration(span).total_seconds() // 60)
    except ValueError as wrong:
        stop(str(wrong), REFUSED)
    made = remote.put(f"/alerts/{alert}/snooze", {"minutes": minutes, "reason": reason})
    show(made, [f"asleep until {made['until']}: {made['reason']}"], as_json)


@click.command(
    epilog="""\b
Examples:
  quarterdeck reassign ALERT --to ben@example.com --reason "It is his database"
  quarterdeck reassign ALERT --policy network --reason "The switch, not the service" """
)
@click.argument("alert")
@click.option("--to", "person", help="A person by mail address, handle or name.")
@click.option("--policy", default="", help="The key of an escalation policy; it begins with its first step.")
@click.option("--reason", default="", help="Why them. They read it.")
@as_json_option
def reassign(alert: str, person: str | None, policy: str, reason: str, as_json: bool) -> None:
    """Pass an alert's page on to somebody else. Without an answer the alert's own policy calls on."""
    remote = connect()
    body: dict[str, Any] = {"reason": reason, "policy": policy}
    body |= {"person": person_named(remote, person)} if person else {}
    made = remote.put(f"/alerts/{alert}/assignment", body)
    show(made, [made["reason"]], as_json)


@click.command(
    epilog="""\b
Examples:
  quarterdeck escalate ALERT              whoever comes next is called now, no reason needed"""
)
@click.argument("alert")
@as_json_option
def escalate(alert: str, as_json: bool) -> None:
    """Call the next step of an alert's policy now, whether or not somebody has acknowledged it."""
    made = connect().post(f"/alerts/{alert}/escalation", {})
    show(made, [f"the next step is called now: {made['summary']}"], as_json)
