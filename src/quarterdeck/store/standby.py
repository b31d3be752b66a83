"""Whether PostgreSQL has a synchronous standby in step. Asks PostgreSQL itself and changes nothing."""

from __future__ import annotations

from typing import NamedTuple

QUESTION = (
    "SELECT current_setting('synchronous_standby_names') <> '',"
    " count(*) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')),"
    " count(*) FILTER (WHERE state IS NULL) FROM pg_stat_replication"
)
# Commits that wait for a standby which is gone: they are done here and end with a warning.
LET_GO = (
    "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
    " WHERE wait_event = 'SyncRep' AND usename = current_user AND datname = current_database()"
)
LOCALLY = "SET LOCAL synchronous_commit = local"
ASK_EVERY_SECONDS = 1.0


class Standby(NamedTuple):
    """`named`: PostgreSQL is told to wait for standbys. `hidden`: there are some whose state this role may not see."""

    named: bool
    in_step: int
    hidden: int

    @property
    def safe(self) -> bool:
        """Whether a commit is on two machines when it is answered."""
        return self.named and self.in_step > 0

    @property
    def why(self) -> str:
        """Why it is not, and what to do."""
        if not self.named:
            return "PostgreSQL is told of no synchronous standby (synchronous_standby_names is empty)."
        if self.hidden:
            return "This role may not see the state of the standbys: GRANT pg_monitor TO it."
        return "No synchronous standby is in step."
