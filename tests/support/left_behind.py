"""An incident that has come to its end, for tests of what it leaves behind."""

from __future__ import annotations

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.incidents import attachments
from quarterdeck.store import models

from .rest import Organisation

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def resolve(org: Organisation, incident: str, handle: str = "ana") -> None:
    moved = org.call(handle).put(f"/incidents/{incident}/phase", {"phase": "investigating", "reason": "Look"})
    assert moved.status == 200, moved.json
    said = {"code": current().resolution_codes[0].key, "summary": "Rolled back", "override_reason": "A test"}
    answer = org.call(handle).put(f"/incidents/{incident}/resolution", said)
    assert answer.status == 200, answer.json


def over(org: Organisation, incident: str) -> None:
    resolve(org, incident)
    ana = org.call("ana")
    assert ana.put(f"/incidents/{incident}/review/waiver", {"reason": "A test"}).status == 200
    assert (
        ana.put(f"/incidents/{incident}/closure", {"reason": "Done", "override_reason": "A test"}).status
        == 200
    )


def entry_of(incident: str) -> str:
    """The id of the last note or finding."""
    rows = models.TimelineRow.objects.filter(incident_id=incident, kind__in=("note", "finding"))
    return rows.order_by("-seq").first().entry_id


def attach(org: Organisation, incident: str, content: bytes) -> str:
    case = attachments.attach(org.act("ana"), incident, "graph.png", content)
    return next(reversed(case.incident.attachments.values())).sha256
