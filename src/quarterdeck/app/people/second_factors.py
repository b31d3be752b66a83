"""Taking somebody's second factors away, for a person who lost them. Only the operator does, and it is recorded."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import log, models, tx

from ..act import Act, need


def forget(act: Act, person_id: str) -> int:
    """They sign in with their password alone until they set up another one; returns how many were taken away."""
    need(act, "person.edit")
    with tx.write("web"):
        person = models.Person.objects.filter(id=person_id).first()
        if person is None:
            raise missing("person", person_id)
        gone, _ = Authenticator.objects.filter(user_id=person.id).delete()
        if gone:
            told = {"person": person.id, "count": gone}
            log.audit("SecondFactorsForgotten", told, at=act.at, actor=act.person)
    return gone
