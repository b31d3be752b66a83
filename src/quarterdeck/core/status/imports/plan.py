"""What taking over a page would do, line by line, before anything is written. The same page twice changes nothing."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from quarterdeck.core.status.words import ComponentState

from .shapes import Found, FoundComponent, FoundPost, FoundSubscriber

Verdict = Literal["ok", "change", "there", "cannot"]
_REF = re.compile(r"[^A-Za-z0-9_-]")
_REF_LIMIT = 40


@dataclass(frozen=True, slots=True)
class PlanLine:
    """`ok` is taken as it is, `change` with the difference in `why`, `there` was taken before, `cannot` is left out."""

    verdict: Verdict
    kind: str
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`components` are those to make; `known` says which of ours each id of the other product is, once all are made.

    `posts` have our ids and are those that are not there yet, oldest first.
    """

    lines: tuple[PlanLine, ...]
    components: tuple[FoundComponent, ...]
    known: Mapping[str, str]
    twins: Mapping[str, str]
    posts: tuple[tuple[str, str, FoundPost], ...]
    subscribers: tuple[FoundSubscriber, ...]

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many of each kind have each verdict."""
        return Counter((line.kind, line.verdict) for line in self.lines)


def plan(found: Found, page: str, components: Mapping[tuple[str, str], str], posts: Collection[str]) -> Plan:
    """`components` of the page: group and name to our id; `posts`: ids of ours that are there. `page` is its id."""
    lines = [PlanLine("cannot", c.kind, c.what, c.why) for c in found.cannot]
    fresh, known, twins = _components(found, components, lines)
    ids = {c.id for c in found.components}
    new = []
    for incident in _by_incident(found):
        ref = public_ref(found.product, incident[0].incident)
        waiting = [(post_id(page, found.product, p), ref, p) for p in incident]
        waiting = [one for one in waiting if one[0] not in posts]
        lines.append(_incident_line(incident, len(waiting), ids))
        new += waiting
    new.sort(key=lambda one: (one[2].at, one[0]))
    lines += _subscriber_lines(found, ids)
    return Plan(tuple(lines), tuple(fresh), known, twins, tuple(new), found.subscribers)


def post_id(page: str, product: str, post: FoundPost) -> str:
    """Ours for an update of theirs: the same each time, so that nothing comes in twice."""
    told = "\0".join((page, product, post.incident, post.id))
    return f"imp-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"


def public_ref(product: str, incident: str) -> str:
    """The public id of what was there before, as it stands in addresses."""
    plain = f"{product}-{_REF.sub('-', incident)}"
    if len(plain) <= _REF_LIMIT and plain == f"{product}-{incident}":
        return plain
    return f"{product}-{hashlib.sha256(incident.encode('utf-8', 'replace')).hexdigest()[:20]}"


def states(post: FoundPost, known: Mapping[str, str]) -> dict[str, ComponentState]:
    """The states a post announced, by our ids."""
    return {known[c]: s for c, s in post.components.items() if c in known}


def _components(
    found: Found, there: Mapping[tuple[str, str], str], lines: list[PlanLine]
) -> tuple[list[FoundComponent], dict[str, str], dict[str, str]]:
    fresh: list[FoundComponent] = []
    known: dict[str, str] = {}
    twins: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    for component in found.components:
        place = (component.group, component.name)
        if place in there:
            known[component.id] = there[place]
            lines.append(PlanLine("there", "component", component.name, "One of this name is on the page."))
        elif place in taken:
            twins[component.id] = taken[place]
            lines.append(
                PlanLine("change", "component", component.name, "Two have this name: they become one.")
            )
        else:
            taken[place] = component.id
            fresh.append(component)
            lines.append(PlanLine("ok", "component", component.name, component.group))
    return fresh, known, twins


def _by_incident(found: Found) -> list[list[FoundPost]]:
    """An id that comes twice is one update."""
    told: dict[str, dict[str, FoundPost]] = {}
    for post in found.posts:
        told.setdefault(post.incident, {})[post.id] = post
    return [list(posts.values()) for posts in told.values()]


def _incident_line(posts: list[FoundPost], waiting: int, ids: Collection[str]) -> PlanLine:
    kind = "maintenance" if posts[0].scheduled_for else "incident"
    title = posts[-1].title or posts[0].title
    if not waiting:
        return PlanLine("there", kind, title, "It came in before.")
    strange = {c for p in posts for c in p.components} - set(ids)
    if strange:
        return PlanLine(
            "change", kind, title, "It names a component that is not in this document: left out of it."
        )
    if waiting < len(posts):
        return PlanLine("change", kind, title, f"{waiting} of its {len(posts)} updates are new.")
    return PlanLine("ok", kind, title, "1 update" if waiting == 1 else f"{waiting} updates")


def _subscriber_lines(found: Found, ids: Collection[str]) -> list[PlanLine]:
    lines = []
    for one in found.subscribers:
        strange = bool(one.components) and not set(one.components) <= set(ids)
        why = "It named a component that is not in this document: it hears of the others." if strange else ""
        lines.append(PlanLine("change" if strange else "ok", "subscriber", one.address, why))
    return lines
