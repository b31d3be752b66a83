"""Decides everything. Standard library only: no clock, no ids, no input or output."""
