"""The business half of an incident: score, response, switches, emergency mode."""
