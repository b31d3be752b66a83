"""Whether this installation can be relied on: checks, alarms, the auditor, those who watch."""
