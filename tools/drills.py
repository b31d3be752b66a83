"""Runs the drills on real processes with the budgets of a whole night, or with those asked for, and prints what came of
each. `make soak` runs the same through the tests.

    python tools/drills.py kills --kills 200            # 200 on SQLite and 200 on PostgreSQL
    python tools/drills.py failover --failovers 50
    python tools/drills.py storm --alerts 10000 --seconds 60
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.drills import Told  # the drills are shared with the tests

Drill = Callable[[argparse.Namespace, Path], Iterator[Told]]


def kills(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """kill -9 for every process under load: --kills, --store."""
    from support.drills import killing

    for store in ("sqlite", "postgres") if asked.store == "both" else (asked.store,):
        place = folder / store
        place.mkdir()
        yield killing.run(store, place, asked.kills, asked.seed)


def failover(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """PostgreSQL's primary dies, its standby takes over, the old one comes back: --failovers."""
    from support.drills import failover as drill

    yield drill.run(folder, asked.failovers, asked.seed)


def nodes(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """Two nodes on one PostgreSQL, first without a fault, then one a zombie, then one dead: --seconds."""
    from support.drills import together

    yield together.run(folder, asked.seconds)


def races(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """Acknowledgements race the next page: --races, --store."""
    from support.drills import races as drill

    for store in ("sqlite", "postgres") if asked.store == "both" else (asked.store,):
        place = folder / store
        place.mkdir()
        yield drill.run(store, place, asked.races, asked.seed)


def away(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """PostgreSQL goes away and comes back: --away, in seconds."""
    from support.drills import away as drill

    yield drill.run(folder, asked.away, asked.seed)


def cut(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """A node cut off by the network alone, from the store and from the mail server: --cut, in seconds; needs root."""
    from support import apart
    from support.drills import cut as drill

    why = apart.why_not()
    yield Told(f"network cut: left out, {why}") if why else drill.run(folder, asked.cut)


def disk(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """A disk of 20 MB is full for --full seconds; needs root."""
    from support.drills import disk as drill

    why = drill.why_not()
    yield Told(f"disk full: left out, {why}") if why else drill.run(folder, asked.full)


def storm(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """Very many alerts of one team in a minute: --alerts, --seconds."""
    from support.drills import storm as drill

    yield drill.run(folder, asked.alerts, asked.seconds)


def peer(asked: argparse.Namespace, folder: Path) -> Iterator[Told]:
    """The same load and the same end for Debian's Alertmanager and for us: --peer-alerts."""
    from support.drills import peer as drill

    yield drill.run(folder, asked.peer_alerts, 10.0)


DRILLS: dict[str, Drill] = {
    "kills": kills,
    "failover": failover,
    "nodes": nodes,
    "races": races,
    "away": away,
    "cut": cut,
    "disk": disk,
    "storm": storm,
    "peer": peer,
}


def main() -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    told = "; ".join(f"{name}: {drill.__doc__}" for name, drill in DRILLS.items())
    parser.add_argument("drills", nargs="*", metavar="drill", help=f"all of them without any. {told}")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--store", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--failovers", type=int, default=50)
    parser.add_argument("--races", type=int, default=1000)
    parser.add_argument("--away", type=float, nargs="+", default=[0.5, 2.0, 10.0, 120.0])
    parser.add_argument("--cut", type=float, default=60.0)
    parser.add_argument("--full", type=float, default=30.0)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--peer-alerts", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", type=Path, help="an empty folder in which everything stays for a look")
    asked = parser.parse_args()
    unknown = [name for name in asked.drills if name not in DRILLS]
    if unknown:
        parser.error(f"there is no drill {unknown[0]!r}; known: {', '.join(DRILLS)}")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    wrong = 0
    for name in asked.drills or DRILLS:
        with tempfile.TemporaryDirectory(prefix="qd-drill-") as place:
            folder = (asked.keep or Path(place)) / name
            folder.mkdir(parents=True)
            began = time.monotonic()
            for told_ in DRILLS[name](asked, folder):
                print(f"{told_}\n  took {time.monotonic() - began:.0f} s", flush=True)
                wrong += len(told_.wrong)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
