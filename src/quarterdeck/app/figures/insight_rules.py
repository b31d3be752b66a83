"""How far down figures may be broken, who leads the program, and what counts as early command.

No setting breaks figures down to persons: counts of incidents used as goals of people are gamed (R-242).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..paging.directory import must_be_active

EDIT = "settings.edit"
TEAM, ORGANISATION = "team", "organisation"
LEVELS = (TEAM, ORGANISATION)
MOST_MINUTES = 24 * 60
WARNING = (
    "Figures are about how the work is organised, never about a person: no count of incidents is shown by person. Used "
    "as somebody's goal, few incidents only means that few are reported."
)


@dataclass(frozen=True, slots=True)
class Rules:
    """`level`: team, or organisation when teams are not told apart either. `program_lead`: a person's id, "" nobody."""

    level: str = TEAM
    program_lead: str = ""
    commander_minutes: int = 15


def rules() -> Rules:
    """Those in force; the usual ones until somebody sets others."""
    row = models.InsightRules.objects.first()
    return Rules(row.level, row.program_lead, row.commander_minutes) if row else Rules()


def set_rules(act: Act, wanted: Rules) -> Rules:
    """Audited with before and after."""
    need(act, EDIT)
    if wanted.level not in LEVELS:
        message = f"Choose one of: {', '.join(LEVELS)}. Figures by person do not exist."
        raise bad("level.unknown", message, level=message)
    if not 1 <= wanted.commander_minutes <= MOST_MINUTES:
        message = f"Give a whole number from 1 to {MOST_MINUTES}."
        raise bad("minutes.number", message, commander_minutes=message)
    if wanted.program_lead:
        must_be_active(wanted.program_lead, "program_lead")
    with tx.write("web"):
        tx.lock("insight rules")
        before = rules()
        if before == wanted:
            return wanted
        models.InsightRules.objects.update_or_create(id=1, defaults=asdict(wanted) | {"changed_at": act.at})
        told = {"before": asdict(before), "after": asdict(wanted)}
        log.audit("InsightRulesSet", told, at=act.at, actor=act.person)
    return wanted


def by_team() -> bool:
    """Whether figures of single teams are shown."""
    return rules().level == TEAM
