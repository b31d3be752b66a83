"""What is said to whom: audiences, messages and their way to release, sending, the ledger."""
