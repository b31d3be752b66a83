"""Calendars that lead out of the product and into it, and what an hour on call is worth."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from ..sealed import SealedText
from .people import Person


class CalendarFeed(models.Model):
    """An address under which a calendar program reads shifts. Only the SHA-256 of its secret is kept.

    `subject_id` is a person, a schedule or a team, by `kind` (person | schedule | team | prevention | maintenance).
    `told` remembers what was given out (uid: [fingerprint, sequence, changed_at]), so that a shift keeps its identity
    and its changes count up.
    """

    id = key(default=new_id, editable=False)
    owner = models.ForeignKey(Person, models.CASCADE, related_name="calendar_feeds")
    kind = models.CharField(max_length=20)
    subject_id = ref(db_index=True)
    name = models.CharField(max_length=120)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    told = JsonText(default=dict)
    changed_at = MomentField()
    created_at = MomentField()
    last_read_at = MomentField(null=True)
    revoked_at = MomentField(null=True)

    class Meta:
        db_table = "calendar_feed"
        ordering = ["created_at", "id"]


class AbsenceCalendar(models.Model):
    """A calendar from which a person's absences come: an address that is asked again, or a file that was uploaded
    (`url` "").
    """

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="absence_calendars")
    name = models.CharField(max_length=120)
    url = SealedText(blank=True)  # it opens the calendar without a login
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    read_at = MomentField(null=True)  # when it was last read well
    tried_at = MomentField(null=True, db_index=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = MomentField()
    removed_at = MomentField(null=True)

    class Meta:
        db_table = "absence_calendar"
        ordering = ["created_at", "id"]


class PayRules(models.Model):
    """What an hour of each kind and a callout are worth here: one row, core.oncall.pay.PayRules as data."""

    id = models.IntegerField(primary_key=True, default=1)
    rules = JsonText(default=dict)
    changed_at = MomentField()

    class Meta:
        db_table = "pay_rules"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_pay_rules")]
