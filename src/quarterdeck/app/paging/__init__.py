"""Getting a person to answer: policies, runs, callouts, bundles, the outbox, receipts, answers."""
