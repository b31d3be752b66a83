"""ICS forms as data: each is a tuple of numbered blocks, filled from the incident or by people."""
