"""What every part of the core speaks: refusals, moments, canonical text, the hash chain."""
