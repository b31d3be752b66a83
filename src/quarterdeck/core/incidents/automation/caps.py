"""Whether a rule that was set off may run: bounds that end every loop and every storm. Says why not in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# How many runs may stand in one chain: a run that sets off another rule, which sets off another.
MOST_DEEP = 3
# Rules looked at for one event, and runs of all rules in one incident within an hour.
MOST_RULES, MOST_AN_INCIDENT = 20, 100
# Runs of one rule in one incident within an hour.
MOST_OF_A_RULE = 10
LOOP, MUCH = "loop", "limit"


@dataclass(frozen=True, slots=True)
class Counts:
    """Runs within the last hour: of the rule anywhere, of the rule in this incident, of all rules in this incident."""

    of_rule: int = 0
    of_rule_here: int = 0
    here: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """`why` is "" (it may run), loop or limit; `text` says it to a reader."""

    why: str = ""
    text: str = ""


def may_run(rule: str, chain: Sequence[str], counts: Counts, per_hour: int) -> Standing:
    """`chain` are the rules whose runs led here, the first one first. A rule never sets itself off."""
    if rule in chain:
        return Standing(LOOP, "stopped: loop. The rule was set off by what it did itself.")
    if len(chain) >= MOST_DEEP:
        return Standing(LOOP, f"stopped: loop. {MOST_DEEP} rules in a row set each other off.")
    if counts.of_rule >= per_hour:
        return Standing(MUCH, f"stopped: limit. The rule ran {per_hour} times within an hour.")
    if counts.of_rule_here >= MOST_OF_A_RULE:
        return Standing(MUCH, f"stopped: limit. The rule ran {MOST_OF_A_RULE} times here within an hour.")
    if counts.here >= MOST_AN_INCIDENT:
        return Standing(MUCH, f"stopped: limit. Rules ran {MOST_AN_INCIDENT} times here within an hour.")
    return Standing()
