"""A condition's value with those of its parts, as lines a reader can follow. Never evaluates anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from quarterdeck.core.kernel.moments import spoken

from ..expressions import Both, Constant, Either, Expression, Flag, Not, Test, Value, evaluate


@dataclass(frozen=True, slots=True)
class Part:
    """`text` is a part of the condition, `depth` how far inside it stands, `have` what the value was."""

    depth: int
    text: str
    holds: bool
    have: str = ""


def explain(tree: Expression, values: Mapping[str, Value], depth: int = 0) -> list[Part]:
    """The whole first, then what it is made of. Raises ValueError for a name without a value."""
    holds = evaluate(tree, values)
    match tree:
        case Both(left, right):
            inner = [*explain(left, values, depth + 1), *explain(right, values, depth + 1)]
            return [Part(depth, "both of", holds), *inner]
        case Either(left, right):
            inner = [*explain(left, values, depth + 1), *explain(right, values, depth + 1)]
            return [Part(depth, "one of", holds), *inner]
        case Not(inner_tree):
            return [Part(depth, "not", holds), *explain(inner_tree, values, depth + 1)]
        case Constant(value):
            return [Part(depth, "always" if value else "never", holds)]
        case Flag(name):
            return [Part(depth, name, holds, _said(values.get(name, "")))]
        case Test(name, op, wanted):
            told = ", ".join(_said(w) for w in wanted)
            text = f"{name} in ({told})" if op == "in" else f"{name} {op} {told}"
            return [Part(depth, text, holds, _said(values.get(name, "none")))]


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return spoken(value)
    return str(value) or "empty"
