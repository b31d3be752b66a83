"""Drills: practice on the real engine. What is decided about them without a clock, an id or a database."""
