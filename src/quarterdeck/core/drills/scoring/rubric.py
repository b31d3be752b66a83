"""What a facilitator rates a role by, 0 to 4, in words of behaviour (R-251): what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.kernel.refused import bad

# 0 to 4.
RATINGS = ("not done", "done when told to", "done in part", "done", "done, and others followed")


@dataclass(frozen=True, slots=True)
class RubricItem:
    """`words` say what 0, 1, 2, 3 and 4 look like."""

    key: str
    title: str
    words: tuple[str, str, str, str, str]


RUBRIC: tuple[RubricItem, ...] = (
    RubricItem(
        "plan_activation",
        "Plan activation",
        (
            "worked without the plan",
            "opened the card or checklist after being told",
            "used part of it, or late",
            "worked by the card from the first minute",
            "worked by it and brought others to theirs",
        ),
    ),
    RubricItem(
        "coordination",
        "Coordination",
        (
            "worked beside the others, unheard",
            "answered when asked twice",
            "answered, told little by themselves",
            "said what they do and what they need",
            "joined the others' work up and closed the gaps between",
        ),
    ),
    RubricItem(
        "delegation",
        "Delegation",
        (
            "did everything alone",
            "gave work away when overloaded",
            "gave work to “somebody”, or without a time",
            "one person, one task, one time, read back",
            "kept an overview free of own tasks throughout",
        ),
    ),
    RubricItem(
        "monitoring",
        "Constant monitoring",
        (
            "lost sight of the state",
            "looked when asked",
            "noticed changes late",
            "asked for the state at fixed times",
            "saw changes first and said what follows from them",
        ),
    ),
    RubricItem(
        "communication",
        "Communication",
        (
            "nobody knew what was meant",
            "long, or full of jargon",
            "clear, but without next time",
            "short, plain, with the next time",
            "every audience had what it needed before it asked",
        ),
    ),
    RubricItem(
        "decisions",
        "Decisions",
        (
            "decided nothing",
            "decided when pushed",
            "decided late or took it back unsaid",
            "decided in time and said why",
            "decided with half the facts, and named when to look again",
        ),
    ),
)


def rubric_item(key: str) -> RubricItem:
    found = next((r for r in RUBRIC if r.key == key), None)
    if found is None:
        message = f"There is no such item. Choose one of: {', '.join(r.key for r in RUBRIC)}."
        raise bad("rubric.unknown", message, item=message)
    return found
