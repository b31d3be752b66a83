"""Quarterdeck: incident command, from the alert to the reviewed incident."""

__version__ = "0.1.0"
