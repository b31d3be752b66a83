"""What belongs to one person on call: proofs of addresses, quiet hours, certifications, wishes and shift notes."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .people import ContactMethod, Person
from .services import Schedule


class ContactProof(models.Model):
    """A code on its way to an address. Only a keyed hash of it is kept; `ended_at` is when it was used or replaced."""

    id = key(default=new_id, editable=False)
    contact = models.ForeignKey(ContactMethod, models.CASCADE, related_name="proofs")
    address = models.CharField(max_length=500)
    code_hash = models.CharField(max_length=64)
    tries = models.IntegerField(default=0)
    sent_at = MomentField()
    expires_at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "contact_proof"
        indexes = [models.Index(fields=["address", "sent_at"], name="contact_proof_address")]


class QuietHours(models.Model):
    """When somebody's pages of low urgency wait. `days` are 0 for Monday to 6; `zone` empty: the person's own."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="quiet")
    zone = models.CharField(max_length=60, blank=True, default="")
    days = JsonText(default=list)
    starts = models.CharField(max_length=5)
    ends = models.CharField(max_length=5)
    through = JsonText(default=list)  # severities that are never kept waiting

    class Meta:
        db_table = "quiet_hours"


class Certification(models.Model):
    """Somebody is, was, or is to be qualified for a role of incidents. Nothing is deleted: `ended_at` closes one."""

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="certifications")
    role = models.CharField(max_length=60, db_index=True)
    planned_for = MomentField(
        null=True
    )  # training is to be over by then; `certified_at` is empty until it is
    certified_at = MomentField(null=True)
    expires_at = MomentField(null=True)
    certified_by = ref(default="")
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "certification"
        indexes = [models.Index(fields=["person", "role"], name="certification_person_role")]


class Preference(models.Model):
    """One choice of this installation that administrators make on its pages."""

    name = models.CharField(max_length=60, primary_key=True)
    value = JsonText(default=dict)

    class Meta:
        db_table = "preference"


class DutyWish(models.Model):
    """What somebody wants to be told about their shifts. Without a row: all of it, half an hour ahead, not at night."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="duty_wish")
    start = models.BooleanField(default=True)
    end = models.BooleanField(default=True)
    digest = models.BooleanField(default=True)
    lead_minutes = models.IntegerField(default=30)
    at_night = models.BooleanField(default=False)

    class Meta:
        db_table = "duty_wish"


class ShiftNote(models.Model):
    """What whoever goes off duty leaves to whoever comes. `shift_ends_at` says which shift it is about."""

    id = key(default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="shift_notes")
    shift_ends_at = MomentField(null=True)
    author_id = ref()
    text = models.TextField()
    at = MomentField()

    class Meta:
        db_table = "shift_note"
        indexes = [models.Index(fields=["schedule", "at"], name="shift_note_schedule")]


class Rehearsal(models.Model):
    """The monthly test of every contact of somebody on call. `month` is "2026-11"; one for each person and month."""

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="rehearsals")
    month = models.CharField(max_length=7)
    due_at = MomentField()
    sent_at = MomentField(null=True)
    callout_id = ref(default="")
    reminded_at = MomentField(null=True)
    postponed = models.IntegerField(default=0)
    created_at = MomentField()

    class Meta:
        db_table = "rehearsal"
        constraints = [models.UniqueConstraint(fields=["person", "month"], name="one_rehearsal_a_month")]
