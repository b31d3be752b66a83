"""Tables, the event log, the journal and the transactions around them."""
