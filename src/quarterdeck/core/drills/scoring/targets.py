"""By when a thing is to be done in a drill. The times an organisation promises itself are in its structures."""

from __future__ import annotations

from datetime import timedelta

ACKNOWLEDGE = timedelta(minutes=5)
COMMAND = timedelta(minutes=5)
SEVERITY = timedelta(minutes=10)
FILLED = timedelta(minutes=10)
# a task is acknowledged within a minute.
TASK = timedelta(seconds=60)
ACTIVATE = timedelta(minutes=10)
# As long as the shortest clock of an audience: who is silent for longer does not watch.
WATCH = timedelta(minutes=15)
# A role held for less shows nothing about delegating or watching.
LONG_ENOUGH = timedelta(minutes=15)
