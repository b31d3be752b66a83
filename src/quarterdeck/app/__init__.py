"""One function per thing a person or the engine does. The only writer."""
