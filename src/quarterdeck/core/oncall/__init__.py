"""Who is on call, from when to when, and where nobody is."""

from .schedule import Layer, OnCall, Override, Restriction, Schedule, Shift, Turn, check
from .shifts import gaps, layer_shifts, on_call, shifts

__all__ = [
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
