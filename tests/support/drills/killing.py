"""kill -9 for web, engine, auditor, lifeline and the supervisor at random moments, while alerts come in."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path

from .. import postgres
from ..kills import Killer
from ..load import Load
from ..serving import Installation
from ..smtp_sink import smtp_sink
from . import Told, mail_settings, verdict

CROWD = 40
MORE_SECONDS = 30.0  # for which alerts may come in after the last kill, where they were few before it
# A lease that was held by the last victim runs out after 30 s; until then its delivery waits.
QUIET_SECONDS = 240.0


def run(store: str, folder: Path, kills: int, seed: int, longest_gap_seconds: float = 0.9) -> Told:
    """So many kills of a whole installation on "sqlite" or "postgres"; the same seed chooses the same victims."""
    enough = 2 * kills  # alerts that were answered: with fewer a loss might not show
    with (
        smtp_sink() as sink,
        postgres.server() if store == "postgres" else nullcontext("") as url,
    ):
        installation = Installation(folder, url, **mail_settings(sink.port))
        made = installation.ask("support.aftermath:furnish", crowd=CROWD)
        killer = Killer(installation, seed)
        load = Load(installation.port, **made)
        load.start()
        began = time.monotonic()
        try:
            killer.run(kills, longest_gap_seconds)
            _until(load, enough)
            load.stop()
            took = time.monotonic() - began
            killer.server.wait_until_ready(90)
            quiet = installation.ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
        finally:
            killer.stop()
        found = installation.ask("support.aftermath:collect", incident=made["incident"])
        proof = installation.command("verify")
    restarts = sorted(killer.restart_seconds())
    told = Told(f"{store}, seed {seed}")
    told.figures = {
        "killed": dict(killer.killed),
        "within": f"{took:.0f} s",
        "alerts answered": len(load.raised),
        "unsure": len(load.unsure),
        "sent again after": dict(load.refusals),
        "slowest answer": f"{load.slowest_seconds:.1f} s",
        "acknowledgements": len(load.acknowledged),
        "entries": len(load.written),
        "mails": len(sink.mails),
        "of these repeated": verdict.twice(sink.mails),
        "attempts of unknown end": found["unclear"],
        "deliveries": found["deliveries"],
        "alerts": found["statuses"],
        "quiet after": f"{quiet['seconds']} s",
        "longest wait before a restart": f"{restarts[-1] if restarts else 0} s",
    }
    told.wrong = verdict.judge([load], found, sink.mails) + verdict.poisoned(killer.logs)
    if killer.killed.total() != kills:
        told.wrong.append(f"{killer.killed.total()} were killed, not {kills}")
    if not quiet["quiet"]:
        told.wrong.append(f"it did not come to rest: {quiet}")
    if "streams are whole" not in proof:
        told.wrong.append(f"the log is not whole: {proof}")
    if len(load.raised) < enough or len(sink.mails) < 5:
        told.wrong.append("the load was too small to show anything")
    return told


def _until(load: Load, enough: int) -> None:
    """A few kills right after each other leave hardly a moment in which anything is answered."""
    end = time.monotonic() + MORE_SECONDS
    while len(load.raised) < enough and time.monotonic() < end:
        time.sleep(0.1)
