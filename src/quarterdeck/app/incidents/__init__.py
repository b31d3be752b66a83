"""An incident from its declaration to its end: command, crew, record, decisions, targets, access."""
