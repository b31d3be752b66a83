"""What a drill showed to be missing, as proposals: a missed step, an unanswered inject, a role nobody held, a part of
crisis ability that was not there. The facilitator decides which becomes work.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .crisis import PARTS
from .score import Result
from .shapes import MISSED, Item


@dataclass(frozen=True, slots=True)
class Gap:
    """`key` is the same for the same gap in another drill. `repeated`: the drill before showed it too."""

    key: str
    kind: str  # step, inject, role, ability, update
    role: str
    title: str
    why: str
    repeated: bool = False


def gaps(found: Result, before: Collection[str] = ()) -> tuple[Gap, ...]:
    """Proposals in the order of the result; `before` are the keys of the gaps of the drill before."""
    proposed = [_missed(i, "step", "Practise: {}") for i in found.steps if i.verdict == MISSED]
    proposed += [_missed(i, "inject", "Nobody answered: {}") for i in found.injects if i.verdict == MISSED]
    for role in found.roles:
        for i in role.items:
            if i.verdict != MISSED:
                continue
            if i.key == "filled":
                proposed.append(_of_role(i, "role", f"Fill the role {role.title} in time", "nobody held it"))
            elif i.key in PARTS:
                proposed.append(_of_role(i, "ability", f"{PARTS[i.key]}: train the {role.title}", i.note))
    for i in found.items:
        if i.key.endswith("_update") and i.verdict == MISSED:
            proposed.append(Gap(i.key, "update", "", f"{i.title}: be ready for it", "nothing was released"))
    seen = set(before)
    return tuple(
        Gap(g.key, g.kind, g.role, g.title, g.why, g.key in seen)
        for g in {g.key: g for g in proposed}.values()
    )


def _missed(i: Item, kind: str, title: str) -> Gap:
    return Gap(i.key, kind, i.role, title.format(i.title), i.note or "it was not seen until the end")


def _of_role(i: Item, kind: str, title: str, why: str) -> Gap:
    return Gap(f"{kind}:{i.role}:{i.key}", kind, i.role, title, why or "missed")
