"""Audiences, update clocks and what may be said to whom."""
