"""The record of an incident as one signed file, and the proof of such a file, which needs neither store nor Django."""
