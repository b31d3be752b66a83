"""The story of a made-up company, told into an empty store: people, half a year of incidents, one in full swing.

Nothing of it is ever sent. `credentials` and `hand_out` need no Django; `seed` and `main` need it set up.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from .login import Credentials, credentials, hand_out, keep, new_password

__all__ = ["Credentials", "credentials", "hand_out", "main", "seed"]

SEED = 1042
Told = Callable[[float], None]
Clock = Callable[[], datetime]


def seed(
    now: datetime,
    data_dir: Path,
    rng_seed: int = SEED,
    told: Told = lambda part: None,
    *,
    history: bool = True,
    clock: Clock | None = None,
) -> Credentials:
    """Tell the story up to `now` (aware UTC); returns how to sign in. One transaction: all of it or nothing.

    `told` hears which part is done, from 0 to 1. The same seed tells the same story; keys and the password are
    new each time. Without `history` only the company and what is open now: a tenth of the time.
    A `clock` is asked again before what is open is told, so that it is fresh however long the past has taken.
    Raises Refused `seed.not_empty` where there are people already.
    """
    from .company import email_of
    from .production import perform

    password = new_password()
    collecting = gc.isenabled()
    # Everything made here stays alive until the transaction ends: looking for garbage finds none.
    gc.disable()
    try:
        corvane = perform(now, password, rng_seed, told, history=history, clock=clock)
    finally:
        if collecting:
            gc.enable()
    first = next(iter(corvane.people))
    found = Credentials(email_of(first), password, corvane.api_key, corvane.integration_key)
    keep(data_dir, found)
    return found


def main() -> int:
    """Tell the story where there is none yet, with a line of progress; the exit code of the process."""
    from django.conf import settings

    from quarterdeck.core.kernel.refused import Refused

    data = Path(settings.QUARTERDECK_DATA)
    if credentials(data) is not None:
        return 0
    started = time.monotonic()
    print(
        "Telling the story of Corvane: half a year of incidents, in half a minute or so.",
        file=sys.stderr,
    )
    try:
        seed(_now(), data, told=_progress, clock=_now)
    except Refused as refused:
        print(f"\n{refused.message}", file=sys.stderr)
        return 1
    print(f"\rThe story is told, it took {time.monotonic() - started:.0f} s.", file=sys.stderr)
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _progress(part: float) -> None:
    """One line that grows on a terminal, and nothing elsewhere."""
    if sys.stderr.isatty():
        print(
            f"\rTelling the story of Corvane: {part:4.0%} of half a year", end="", file=sys.stderr, flush=True
        )
