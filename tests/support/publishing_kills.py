"""A process that publishes without pause and is killed at random instants, again and again: run as a module.

`python -m support.publishing_kills <folder> <kills> <seed> <budget seconds> [small]`: one process after the other takes up where the last one was
killed. Each publication says its number in every file that a reader looks at.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from quarterdeck.channels import status_site
from quarterdeck.core.status import Material
from support.status_sample import COMPONENTS, NOW, PAGE, URL, changes, posts

SETTINGS = status_site.SiteSettings(URL)


def made(small: bool) -> Material:
    """The page of the samples, or two components and one incident of it, which are published several times a second."""
    told = posts()
    if small:
        told = [p for p in told if p.incident_ref == "INC-1031"]
    return Material(PAGE, tuple(COMPONENTS[: 2 if small else None]), tuple(changes()), tuple(told))


def publish_without_end(folder: Path, small: bool) -> None:
    """What the engine does: keep, release, note; from what the process before this one left."""
    try:
        kept = status_site.read(folder)
        number = kept.revision
        material = kept.material
    except ValueError:
        number, material = 0, made(small)
    marks: dict[str, str] = {}
    while True:
        number += 1
        about = replace(material.page, title=f"Number {number}.")
        at = NOW + timedelta(seconds=number)
        kept = status_site.Kept(replace(material, page=about), SETTINGS, at, number)
        status_site.keep(folder, kept)
        marks = status_site.release(kept.material, SETTINGS, folder, at, marks)


def main() -> None:
    folder, kills, dice = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    until, small = time.monotonic() + float(sys.argv[4]), "small" in sys.argv[5:]
    # Templates are read once, before the first process is made: what is killed is publishing, not starting.
    material = made(small)
    for number in range(2):
        begun = time.monotonic()
        status_site.release(material, SETTINGS, folder.with_name("warm"), NOW + timedelta(days=number), {})
    longest = 2.5 * (time.monotonic() - begun)
    done, shown = 0, ""
    while done < kills and time.monotonic() < until:
        pid = os.fork()
        if pid == 0:
            publish_without_end(folder, small)
        time.sleep(dice.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        # One that ended by itself broke: it must not be taken for a kill.
        assert os.WIFSIGNALED(status), status
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        done += 1
        # About half of them are to die before their first publication is out, whatever else the machine does.
        now = str(folder.readlink()) if folder.is_symlink() else ""
        longest, shown = max(longest * (1.3 if now == shown else 0.8), 0.02), now
    print(
        json.dumps(
            {
                "kills": done,
                "longest_seconds": round(longest, 3),
                "revision": status_site.read(folder).revision,
            }
        )
    )


if __name__ == "__main__":
    main()
