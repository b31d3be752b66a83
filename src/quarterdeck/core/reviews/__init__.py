"""The review of an incident: timeline, clocks, roles, findings and action items as one report. Pure; every sink
escapes for itself.
"""

from .blameless import role_names
from .blocks import Block, Document, Entries, Facts, Section, Stamp, Table, Text
from .document import document
from .parts import GROUPS, PARTS, Part, part
from .prefill import how_we_responded
from .report import is_overdue, item, report, review_state, withhold
from .shapes import AlertMoments, Clock, Entry, Item, PhaseTime, Report, Updates, Words

__all__ = [
    "GROUPS",
    "PARTS",
    "AlertMoments",
    "Block",
    "Clock",
    "Document",
    "Entries",
    "Entry",
    "Facts",
    "Item",
    "Part",
    "PhaseTime",
    "Report",
    "Section",
    "Stamp",
    "Table",
    "Text",
    "Updates",
    "Words",
    "document",
    "how_we_responded",
    "is_overdue",
    "item",
    "part",
    "report",
    "review_state",
    "role_names",
    "withhold",
]
