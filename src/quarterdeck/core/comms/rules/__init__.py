"""The families of rules of the linter, one file each. Each reads a text and its readers; none changes anything."""
