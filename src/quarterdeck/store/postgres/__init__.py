"""Django's PostgreSQL backend, which finds the right one of several hosts."""
