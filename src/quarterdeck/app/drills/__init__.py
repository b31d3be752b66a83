"""Drills: plans, scenarios, injects, course, scores, gaps."""
