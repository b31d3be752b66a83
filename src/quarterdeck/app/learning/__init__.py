"""What comes after an incident: reviews, debriefs, problems, risks, prevention, the process itself."""
