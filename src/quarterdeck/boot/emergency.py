"""The emergency path of status pages: a post is published from what was kept beside the page, without a store.

Reads and writes the folder of the published pages and nothing else. What it tells is kept there until Quarterdeck is
back and takes it over.
"""

from __future__ import annotations

import getpass
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from quarterdeck.channels import status_site
from quarterdeck.channels.status_site import EmergencyPost, Kept
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status import Post
from quarterdeck.core.status.words import OVER, ComponentState, component_state
from quarterdeck.store.ids import new_id

# Further off no reader looks, and the last moment there is has no time of day in every zone.
LONGEST_PROMISE = timedelta(days=366)
STATES = ("investigating", "identified", "monitoring", "resolved")


class Impossible(Exception):
    """It cannot be published; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be told. `components`: name (or id) to state. `incident` continues one by its id, `new` begins one."""

    title: str = ""
    state: str = ""
    body: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    next_update_at: datetime | None = None
    incident: str = ""
    new: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What was done. `begun`: the first post of its incident; `snapshot_at` is how old all else on the page is."""

    folder: Path
    post: Post
    begun: bool
    snapshot_at: datetime


def pages(root: Path) -> list[str]:
    """The keys of the pages of which enough was kept, in order."""
    try:
        found = [p.parent.name.removeprefix(".") for p in root.glob(".*/snapshot.json")]
    except OSError:
        return []
    return sorted(found)


def publish(root: Path, key: str, words: Words, now: datetime) -> Told:
    """Publish one post on a page. Raises Impossible or Refused; then nothing has changed."""
    folder = root / chosen(root, key)
    kept = _read(folder)
    said = status_site.emergency.waiting(folder)
    told = kept.material.with_posts(s.post for s in said)
    post = _post(Kept(told, kept.settings, kept.made_at), words, [s.post for s in said], now)
    one = EmergencyPost(post, _user(), socket.gethostname())
    try:
        status_site.emergency.add(folder, one)
        marks = _marks(folder)
        # Whoever takes over cannot know what we did to these: it renders all of them anew.
        (status_site.versions_of(folder) / "published.json").unlink(missing_ok=True)
        status_site.release(told.with_posts([post]), kept.settings, folder, post.at, marks)
    except OSError as e:
        raise Impossible(
            f"{folder} cannot be written ({e.strerror}). Run this as the owner of the folder, and look at the disk."
        ) from None
    begun = not any(p.incident_ref == post.incident_ref for p in told.posts)
    return Told(folder, post, begun, kept.made_at)


def chosen(root: Path, key: str) -> str:
    """The page that is meant: the one named, or the only one there is."""
    known = pages(root)
    if not known:
        raise Impossible(
            f"No published page is in {root}. Name the folder of the pages with --folder: it is what your web server "
            "serves, and status.folder in the settings."
        )
    if not key and len(known) > 1:
        raise Impossible(f"There are several pages. Name one with --page: {', '.join(known)}.")
    if key and key not in known:
        raise Impossible(f"There is no page {key[:60]!r} in {root}. There is: {', '.join(known)}.")
    return key or known[0]


def _read(folder: Path) -> Kept:
    try:
        return status_site.read(folder)
    except ValueError as e:
        raise Impossible(str(e)) from None


def _post(kept: Kept, words: Words, said: list[Post], now: datetime) -> Post:
    """The post in full. Its incident is the one named, else the emergency one that is open, else a new one."""
    shown = kept.material.at(max(now, kept.made_at))
    open_now = {i.ref: i for i in shown.open_incidents}
    ref = _ref(words, [r for r in open_now if any(p.incident_ref == r for p in said)], set(open_now))
    title, state = line(words.title, 300), words.state or "investigating"
    if not ref and not title:
        raise Impossible("Say what is wrong in one line: --title. It is what readers see first.")
    if state not in STATES:
        raise Impossible(f"--state is one of {', '.join(STATES)}.")
    if not line(words.body, 300):
        raise Impossible("Say what customers notice and what you do: --body.")
    if words.next_update_at is not None and words.next_update_at > now + LONGEST_PROMISE:
        raise Impossible("The next update is promised for more than a year ahead. Say when it really comes.")
    components = _components(kept, words.components)
    if state in OVER and ref:
        # What this incident put out of order is in order again, unless something else is said of it.
        components = dict.fromkeys(open_now[ref].components, "operational") | components
    if not ref and state in OVER:
        raise Impossible("No incident is open that could be resolved. Leave --resolve away to begin one.")
    at = max(now, kept.made_at, *(p.at for p in kept.material.posts))
    return Post(
        id=new_id(), incident_ref=ref or f"E-{new_id()}", title=title, status_word=state,
        body=clean(words.body, 10_000), at=at, components=components,
        next_update_at=None if state in OVER else words.next_update_at,
    )  # fmt: skip


def _ref(words: Words, ours: list[str], open_now: set[str]) -> str:
    """The incident the post belongs to; empty for one of its own."""
    if words.incident:
        if words.incident not in open_now:
            known = ", ".join(sorted(open_now)) or "none"
            raise Impossible(f"{words.incident[:60]} is not open on the page. Open there: {known}.")
        return words.incident
    if words.new:
        return ""
    if len(ours) > 1:
        raise Impossible(
            f"Several emergencies are open. Name one with --incident: {', '.join(sorted(ours))}."
        )
    return ours[0] if ours else ""


def _components(kept: Kept, wanted: Mapping[str, str]) -> dict[str, ComponentState]:
    """By id. A name of several components must be told with its group: "Selling/Payments"."""
    found: dict[str, ComponentState] = {}
    for name, state in wanted.items():
        asked = name.strip().casefold()
        meant = [
            c for c in kept.material.components
            if asked in (c.id, c.name.casefold(), f"{c.group}/{c.name}".casefold())
        ]  # fmt: skip
        if len(meant) != 1:
            how = "There is no component" if not meant else "There are several components"
            known = ", ".join(
                f"{c.group}/{c.name}" if c.group else c.name for c in kept.material.components[:40]
            )
            raise Impossible(f"{how} {name[:80]!r}. Name it as on the page: {known}.")
        found[meant[0].id] = component_state(state)
    return found


def _marks(folder: Path) -> dict[str, str]:
    """Of what is over, as the engine noted it: what still has its mark need not be rendered."""
    try:
        noted = json.loads((status_site.versions_of(folder) / "published.json").read_text(encoding="utf-8"))
        return {str(ref): str(mark) for ref, mark in noted["marks"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
