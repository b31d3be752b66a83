"""One typed line, carried out."""
