"""Chat programs: an incident's channel, who is in it, and lines typed there."""
