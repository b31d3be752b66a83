"""The event log: the one source of truth for incidents and for the installation's audit trail."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField


class Event(models.Model):
    """Append-only: triggers refuse UPDATE and DELETE. `data` is canonical JSON text, `hash` chains the stream."""

    id = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=40)
    seq = models.IntegerField()
    at = MomentField()
    actor = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    data = models.TextField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "event"
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="one_event_a_place")]
        indexes = [models.Index(fields=["kind", "at"], name="event_kind_at")]


class Inbound(models.Model):
    """The journal on PostgreSQL (on SQLite it is its own file): raw bodies, in order, exactly as received."""

    id = models.BigAutoField(primary_key=True)
    received_at = MomentField()
    integration = models.CharField(max_length=40)
    dialect = models.CharField(max_length=40)
    event_id = models.CharField(max_length=40)
    body = models.BinaryField()
    expanded_at = MomentField(null=True)

    class Meta:
        db_table = "inbound"
        indexes = [
            models.Index(fields=["id"], name="inbound_waiting", condition=models.Q(expanded_at__isnull=True)),
        ]


class Cursor(models.Model):
    """How far a reader has come; moves in the same transaction as what the reading caused.

    Of the journal in a file also which one it is (`source`), and its last body that was read: its event id and when it
    was received, in microseconds. So another file in its place is noticed.
    """

    name = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField(default=0)
    source = models.CharField(max_length=40, default="", db_default="")
    last_event = models.CharField(max_length=40, default="", db_default="")
    last_at = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "cursor"


class Unparsed(models.Model):
    """A journal row that could not be expanded: kept with the reason, shown under Health, never lost."""

    id = models.BigAutoField(primary_key=True)
    inbound_id = models.BigIntegerField()
    integration = models.CharField(max_length=40)
    dialect = models.CharField(max_length=40)
    reason = models.TextField()
    at = MomentField()

    class Meta:
        db_table = "unparsed"
        indexes = [models.Index(fields=["at"], name="unparsed_at")]
