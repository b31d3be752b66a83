"""Template tags: the only places that turn product words into marks, times, fields and charts."""
