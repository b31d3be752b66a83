"""What people answered in the quiz of the training for executive duty."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class QuizAttempt(models.Model):
    """One attempt: `answers` are the places chosen, by the questions' keys, of this `version` of the quiz."""

    id = key(default=new_id, editable=False)
    person = ref()
    version = models.IntegerField()
    answers = JsonText(default=dict)
    right = models.IntegerField()
    asked = models.IntegerField()
    passed = models.BooleanField()
    at = MomentField()

    class Meta:
        db_table = "quiz_attempt"
        indexes = [models.Index(fields=["person", "version"], name="quiz_of_person")]
