"""What people arrange around their shifts: absences, swaps, and the search for cover."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .people import Person


class Absence(models.Model):
    """Somebody is away. Taking one back only marks it; one that has begun ends then, so the past stays answerable.

    `calendar_id` is the calendar it came from, "" where a person said it; `source_ref` is its name there.
    """

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="absences")
    starts_at = MomentField()
    ends_at = MomentField(db_index=True)
    reason = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=40)
    created_at = MomentField()
    removed_at = MomentField(null=True)
    calendar_id = ref(default="", db_default="", blank=True, db_index=True)
    source_ref = models.CharField(max_length=300, default="", db_default="", blank=True)

    class Meta:
        db_table = "absence"
        ordering = ["starts_at", "id"]


class Swap(models.Model):
    """A swap of shifts; `give` and `take` are core.oncall.swaps.Slot as data, `take` {} where nothing comes back."""

    id = key(editable=False)
    give = JsonText(default=dict)
    take = JsonText(default=dict)
    giver_id = ref(db_index=True)
    other_id = ref(db_index=True)
    made_by = models.CharField(max_length=40)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10)  # offered | accepted | declined | withdrawn | expired
    offered_at = MomentField()
    expires_at = MomentField()
    ended_at = MomentField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "swap"
        ordering = ["-offered_at", "-id"]


class Cover(models.Model):
    """The search for somebody to take a shift; `slot` is core.oncall.swaps.Slot as data, the lists are person ids."""

    id = key(editable=False)
    slot = JsonText(default=dict)
    person_id = ref(db_index=True)
    candidates = JsonText(default=list)
    asked = JsonText(default=list)
    declined = JsonText(default=list)
    wait_minutes = models.IntegerField()
    made_by = models.CharField(max_length=40)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10)  # asking | taken | failed | withdrawn
    answer_by = MomentField(null=True)
    taken_by = ref(default="")
    created_at = MomentField()
    ends_at = MomentField(db_index=True)

    class Meta:
        db_table = "cover"
        ordering = ["-created_at", "-id"]
