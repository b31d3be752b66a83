"""REST under /api/v1, calling the same functions as the web."""
