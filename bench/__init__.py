"""Benches: ratios against peers measured in one run on one machine. Never a timed test."""
