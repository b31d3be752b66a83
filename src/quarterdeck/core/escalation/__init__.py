"""Whom to page next, why, and when to look again."""
