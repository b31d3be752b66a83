"""Coverage, drills and competencies."""
