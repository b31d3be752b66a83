"""Signals, deduplication, grouping, routing and silences."""
