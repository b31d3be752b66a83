"""The written review: timeline, clocks, findings, report."""
