"""From what `app` knows to what a template shows: plain dicts in the shapes the templates document. No decisions."""
