"""Rules of automation: what happened is written down beside it, and later, by itself, each rule runs once for it."""
