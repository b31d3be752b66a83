"""`quarterdeck engine`: hold the engine, see what it would do, let it go on, and say which copy of the store counts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import click

from quarterdeck.core.kernel.moments import duration, spoken
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted

from .local import local


@click.group(
    epilog="""\b
Examples:
  quarterdeck engine show
  quarterdeck engine pause --reason "Moving the data centre"
  quarterdeck engine resume --cancel-older-than 1h
  quarterdeck engine epoch raise          after a standby was promoted"""
)
def engine() -> None:
    """Pause the engine, look at what waits, and resume. Alerts come in and are shown all the while."""


@engine.command()
def show() -> None:
    """Whether the engine is paused, and what it would do at once if it went on now."""
    local(create=False)
    from quarterdeck.app.paging import pause
    from quarterdeck.app.paging.directory import Directory
    from quarterdeck.app.upkeep import installation

    now = datetime.now(UTC)
    held = pause.standing()
    if held is None:
        click.echo("The engine is not paused.")
    else:
        who = "somebody on the server" if held.by == "operator" else Directory(now).name(held.by)
        click.echo(f"PAUSED for {spoken(now - held.at)} by {who}: {held.reason}")
    click.echo(f"Epoch {installation.row().cluster_epoch}")
    tell_pending(now)


def tell_pending(now: datetime) -> None:
    """What would happen at once, by kind with its age, and whom it would reach."""
    from quarterdeck.app import waiting_words
    from quarterdeck.app.paging import pause

    found = pause.pending(now)
    if not found.timers and not found.deliveries:
        click.echo("Nothing is due: no timer would fire and nothing would be sent.")
        return
    click.echo("What would happen at once:")
    for what in (*found.timers, *found.deliveries):
        name = waiting_words.words(what.kind)
        stale = f", {what.stale} of them older than an hour" if what.stale else ""
        click.echo(f"  {what.count:5} {name}, the oldest due {spoken(now - what.oldest)} ago{stale}")
    if found.people:
        shown = ", ".join(f"{name} ({n})" for name, n in found.people[:10])
        more = f" and {len(found.people) - 10} more" if len(found.people) > 10 else ""
        click.echo(f"  Pages go to {shown}{more}")
    click.echo(
        "  Escalations call whoever is on call then; pages older than an hour become one summary a person."
    )


@engine.command()
@click.option("--reason", required=True, help="Everybody reads it above every page.")
def pause(reason: str) -> None:
    """Hold the engine: no timer fires, nothing is sent."""
    local(create=False)
    from quarterdeck.app.paging import pause as acts
    from quarterdeck.app.people import accounts

    with _plainly():
        acts.pause(accounts.operator(datetime.now(UTC)), reason)
    click.echo("The engine is paused: nobody is paged until quarterdeck engine resume.")


@engine.command()
@click.option("--cancel-older-than", metavar="1h", help="Drop what was due longer ago than this.")
def resume(cancel_older_than: str | None) -> None:
    """Let the engine go on."""
    try:
        older: timedelta | None = duration(cancel_older_than) if cancel_older_than else None
    except ValueError as e:
        raise click.BadParameter(str(e), param_hint="--cancel-older-than") from None
    local(create=False)
    from quarterdeck.app.paging import pause as acts
    from quarterdeck.app.people import accounts

    with _plainly():
        dropped = acts.resume(accounts.operator(datetime.now(UTC)), older)
    if older is not None:
        click.echo(
            f"Dropped {counted(dropped['escalations'], 'escalation')}, "
            f"{counted(dropped['deliveries'], 'delivery', 'deliveries')} "
            f"and {counted(dropped['rules'], 'run of a rule', 'runs of rules')}."
        )
    click.echo("The engine goes on.")


@engine.group()
def epoch() -> None:
    """Which copy of the store counts, where there are several."""


@epoch.command(name="raise")
@click.option("--reason", default="A standby was promoted.", show_default=True)
def raise_(reason: str) -> None:
    """This copy is the one that counts: nodes that saw it refuse every older one. Run it on the promoted standby."""
    local(create=False)
    from quarterdeck.app.people import accounts
    from quarterdeck.app.upkeep import installation

    with _plainly():
        number = installation.raise_epoch(accounts.operator(datetime.now(UTC)), reason)
    click.echo(f"The epoch is {number} now. A copy with a lower one is refused.")


@contextmanager
def _plainly() -> Iterator[None]:
    """A refusal, or a store that may not be written, in one line."""
    from quarterdeck.store.fence import Fenced

    try:
        yield
    except (Refused, Fenced) as e:
        click.echo(f"quarterdeck: {getattr(e, 'message', None) or e}", err=True)
        sys.exit(1)
