"""What a drill showed: items read off the log of its incident, a facilitator's ratings, one score, and the gaps.

A person is never scored, a role is; what was not seen never counts as zero.
"""

from .compare import MEASURES, Figures, Trend, figures, trend
from .gaps import Gap, gaps
from .rubric import RATINGS, RUBRIC, RubricItem, rubric_item
from .score import Result, RoleResult, result
from .shapes import Evidence, Expected, Inject, Item, Judgement, Rating, Setting
from .signs import SIGNS

__all__ = [
    "MEASURES",
    "RATINGS",
    "RUBRIC",
    "SIGNS",
    "Evidence",
    "Expected",
    "Figures",
    "Gap",
    "Inject",
    "Item",
    "Judgement",
    "Rating",
    "Result",
    "RoleResult",
    "RubricItem",
    "Setting",
    "Trend",
    "figures",
    "gaps",
    "result",
    "rubric_item",
    "trend",
]
