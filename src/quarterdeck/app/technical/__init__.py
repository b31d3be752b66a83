"""The technical work of an incident and what its people know: findings, knowledge, the playbook."""
