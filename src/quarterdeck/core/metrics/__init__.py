"""Times to acknowledge and resolve, frequency and spread, from the log."""
