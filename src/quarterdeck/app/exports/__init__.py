"""The record of an incident as one signed file, and the proof of such a file. Proving needs neither a store nor Django."""
