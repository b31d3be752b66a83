"""`quarterdeck selftest`: proves that no page is lost when something breaks, and that people are told when it cannot
page. People's practice is `drill`.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from .lifeline_drills import FAULTS, SILENT_SECONDS, LeftOut, Result, drill, limit_seconds, template
from .shadow import Failed


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  quarterdeck selftest                  about two minutes; nobody outside is told anything
  quarterdeck selftest --json
\b
Exit code: 0 every promise held, 1 one did not, 2 it could not be tried.""",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in the end.")
@click.pass_context
def selftest(context: click.Context, as_json: bool) -> None:
    """Break a shadow of this installation under load, and prove that no page is lost.

    The shadow has its own folder, ports, mail and push server. Nothing of this installation is touched, and none of its
    people is reached. A worker is killed, a channel cut off, the engine made to stand still; then every alert that was
    accepted must have been paged or say why, and nothing may have gone out too often.
    """
    if context.invoked_subcommand is None:
        sys.exit(_shadow(as_json))


def _shadow(as_json: bool) -> int:
    from quarterdeck.boot.config import ConfigError, load

    from . import shadow_drill

    # Whoever asks us to stop gets an orderly end: the shadow must not outlive us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        report = shadow_drill.drill(load(), lambda text: None if as_json else click.echo(text))
    except (Failed, ConfigError, OSError) as failed:
        if as_json:
            click.echo(json.dumps({"well": None, "wrong": [str(failed)]}))
        else:
            click.echo(str(failed), err=True)
        return 2
    if as_json:
        click.echo(json.dumps(shadow_drill.plain(report), indent=2))
    else:
        shadow_drill.show(report)
    return 0 if report.well else 1


@selftest.command(
    epilog="""\b
Examples:
  quarterdeck selftest lifeline                     the host dies, at full length (about 3 minutes)
  quarterdeck selftest lifeline --scale 0.1         the same, ten times as fast
  quarterdeck selftest lifeline --drills 12 --scale 0.1
  quarterdeck selftest lifeline --only disk
  quarterdeck selftest lifeline --live              this installation: its file, its snapshot, a test to everybody
\b
Exit code: 0 everybody was told each time, 1 somebody was not, 2 nothing could be tried."""
)
@click.option(
    "--drills", type=click.IntRange(1, 1000), default=1, help="How many, one fault after the other."
)
@click.option("--only", type=click.Choice(list(FAULTS)), help="This fault each time.")
@click.option(
    "--scale", type=click.FloatRange(0.02, 1.0), default=1.0, help="Make all times shorter: 0.1 is a tenth."
)
@click.option(
    "--live", is_flag=True, help="Break nothing: check this installation's lifeline and send a test."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON list in the end.")
def lifeline(drills: int, only: str | None, scale: float, live: bool, as_json: bool) -> None:
    """Break a temporary installation, and wait for the lifeline's mail.

    Nothing of yours is touched: it has its own folder, its own port, and a mail server of its own.
    """
    if live:
        sys.exit(_live())
    names = [only] * drills if only else [list(FAULTS)[n % len(FAULTS)] for n in range(drills)]
    results = _run(names, scale, quiet=as_json)
    if as_json:
        click.echo(json.dumps([_plain(r) for r in results], indent=2))
    sys.exit(_verdict(results, scale, quiet=as_json))


def _run(names: list[str], scale: float, *, quiet: bool) -> list[Result]:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="qd-drill-") as place:
        folder = Path(place)
        try:
            made = template(folder)
        except Failed as failed:
            click.echo(str(failed), err=True)
            sys.exit(2)
        for n, name in enumerate(names):
            result = _one(name, made, folder / str(n), scale)
            results.append(result)
            if not quiet:
                click.echo(_line(n + 1, len(names), result))
    return results


def _one(name: str, made: Path, folder: Path, scale: float) -> Result:
    folder.mkdir()
    try:
        return drill(name, made, folder, scale)
    except LeftOut as left_out:
        return Result(name, None, str(left_out), left_out=True)
    except Failed as failed:
        return Result(name, None, str(failed))


def _line(n: int, count: int, result: Result) -> str:
    head = f"{n}/{count}  {result.name:9}"
    if result.told_seconds is not None:
        return f"{head} told after {result.told_seconds:.1f} s"
    return f"{head} {'left out' if result.left_out else 'FAILED'}: {result.reason}"


def _plain(result: Result) -> dict[str, object]:
    return {
        "drill": result.name,
        "told_seconds": None if result.told_seconds is None else round(result.told_seconds, 1),
        "left_out": result.left_out,
        "reason": result.reason,
    }


def _verdict(results: list[Result], scale: float, *, quiet: bool) -> int:
    told = [r.told_seconds for r in results if r.told_seconds is not None]
    tried = [r for r in results if not r.left_out]
    if not quiet:
        length = "at full length" if scale >= 1 else f"at {scale:g} of full length"
        click.echo(
            f"{len(told)} of {len(tried)} told within {limit_seconds(scale):.0f} s, {length}"
            + (f"; the slowest after {max(told):.1f} s" if told else "")
            + (f"; {len(results) - len(tried)} left out" if len(tried) < len(results) else "")
            + "."
        )
        click.echo(f"A silence counts from {SILENT_SECONDS * scale:g} s on. Nothing outside was told.")
    if not tried:
        return 2
    return 0 if len(told) == len(tried) else 1


def _live() -> int:
    """Check the lifeline of this installation and send its people a test."""
    from quarterdeck.boot import secrets
    from quarterdeck.boot.config import ConfigError, load
    from quarterdeck_lifeline import letter, plan, roads

    try:
        config = load()
        own = config.data / "lifeline"
        found = plan.read_plan(own / "lifeline.toml", secrets.read(secrets.file(config.data))["link"])
    except (ConfigError, OSError, ValueError, TypeError) as e:
        click.echo(f"The lifeline of this installation is idle: {e}", err=True)
        return 2
    path = found.snapshot if found.snapshot.is_absolute() else own / found.snapshot
    now = datetime.now(UTC)
    snapshot = letter.read_snapshot(path, found.snapshot_key)
    if snapshot is None:
        click.echo(
            f"{path} is missing or not signed with this installation's key. Is quarterdeck serve running?"
        )
        return 1
    age = letter.age_seconds(snapshot, now)
    click.echo(
        f"The snapshot is {letter.spoken(age or 0)} old and names {len(snapshot.get('on_call', ()))} on call."
    )
    failures = 0
    subject = f"Test of the lifeline of {config.name}"
    text = "This is a test: the lifeline can reach you. Else it would say who is on call and what is open.\n"
    for road, to in roads.addresses(found, letter.by_now(snapshot, now)):
        problem = roads.send_by(found, road, to, subject, text)
        failures += problem is not None
        click.echo(
            f"{'told' if problem is None else 'NOT told'} {to} by {road}{f': {problem}' if problem else ''}"
        )
    return 1 if failures or (age is not None and abs(age) > found.snapshot_seconds > 0) else 0
