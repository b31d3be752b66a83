"""Planned work: from its plan to its end, with what it says, mutes and repeats."""
