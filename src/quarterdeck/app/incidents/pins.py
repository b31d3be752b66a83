"""The structures an incident has had, each for a stretch of its log: the one it was declared with, and every later one.

Writes only inside the transaction of the change it belongs to.
"""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import codec, models
from quarterdeck.store.ids import new_id


def own(incident_id: str) -> Template:
    """The structure in force, without the roles that the incident added itself."""
    pin = models.TemplatePin.objects.filter(incident_id=incident_id).first()
    if pin is None:
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of incidents.")
    return codec.decode_template(pin.template)


def replace(incident_id: str, template: Template, seq: int, at: datetime) -> None:
    """From event `seq` on the incident has this structure; what it had before is kept."""
    pin = models.TemplatePin.objects.get(incident_id=incident_id)
    models.PastPin.objects.create(
        id=new_id(), incident_id=incident_id, until_seq=seq, template=pin.template, until_at=at
    )
    pin.template, pin.pinned_at = codec.encode_template(template), at
    pin.save(update_fields=["template", "pinned_at"])


def ends(incident_id: str) -> list[int]:
    """The last event of each stretch that is over, in their order."""
    return [row.until_seq - 1 for row in _past(incident_id)]


def stretches(incident_id: str) -> list[Template]:
    """The structures in their order, the one in force last."""
    return [*(codec.decode_template(row.template) for row in _past(incident_id)), own(incident_id)]


def at(incident_id: str, seq: int) -> Template:
    """The structure that was in force after event `seq`."""
    past = next((row for row in _past(incident_id) if seq < row.until_seq), None)
    return codec.decode_template(past.template) if past else own(incident_id)


def _past(incident_id: str) -> list[models.PastPin]:
    return list(models.PastPin.objects.filter(incident_id=incident_id).order_by("until_seq"))
