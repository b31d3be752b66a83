"""Who is on call, from when to when, and where nobody is."""

from .check import check
from .schedule import (
    Absence,
    FixedShift,
    Layer,
    OnCall,
    Override,
    Restriction,
    Schedule,
    Shift,
    Turn,
)
from .shifts import gaps, layer_shifts, on_call, shifts

__all__ = [
    "Absence",
    "FixedShift",
    "Layer",
    "OnCall",
    "Override",
    "Restriction",
    "Schedule",
    "Shift",
    "Turn",
    "check",
    "gaps",
    "layer_shifts",
    "on_call",
    "shifts",
]
