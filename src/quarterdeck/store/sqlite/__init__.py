"""Django's SQLite backend with every write behind the turnstile."""
