"""What people and the engine do with alerts: received, silenced, snoozed, passed on, mirrored."""
