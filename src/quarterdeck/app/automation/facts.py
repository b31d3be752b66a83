"""What a rule's condition may ask and its texts may name, of an incident or an alert as it stands. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.comms import drafting
from quarterdeck.app.comms.links import alert_url, incident_url
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.comms import substitute
from quarterdeck.core.incidents.automation.rule import fields
from quarterdeck.core.incidents.expressions import Value
from quarterdeck.core.incidents.staffing import values
from quarterdeck.store import models

from .queue import abouts

UNKNOWN = "unknown"


@dataclass
class Scene:
    """What a rule runs about: an incident, or an alert and the incident it belongs to, if it does."""

    now: datetime
    name: str
    words: Mapping[str, Any]
    case: Case | None = None
    alert: models.Alert | None = None

    @property
    def incident_id(self) -> str:
        if self.case is not None and self.case.incident.seq:
            return self.case.incident.key
        return self.alert.incident_id if self.alert is not None else ""

    @property
    def drill(self) -> bool:
        return self.case is not None and self.case.incident.drill

    @property
    def about(self) -> str:
        return "alert" if self.alert is not None else "incident"

    def values(self) -> dict[str, Value]:
        """By name, for the condition."""
        found: dict[str, Value] = {}
        if self.alert is not None:
            found.update(abouts([self.alert])[0].values())
        elif self.case is not None:
            found.update(values(self.case.incident, self.case.template, self.now))
        found.update({k: v for k, v in self.words.items() if k.startswith("trigger.")})
        return found

    @cached_property
    def facts(self) -> dict[str, str]:
        """By name, for texts. What is not known reads so."""
        found = self._of_alert() if self.alert is not None else self._of_incident()
        found["rule"] = self.name
        return {name: found.get(name, "") or UNKNOWN for name in fields(self.about)}

    def _of_alert(self) -> dict[str, str]:
        alert = self.alert
        assert alert is not None
        return {
            "alert": alert.summary,
            "alert_severity": alert.severity,
            "service": alert.service.name if alert.service else "",
            "source": alert.source,
            "alert_link": alert_url(alert.id),
        }

    def _of_incident(self) -> dict[str, str]:
        assert self.case is not None
        role, audience = str(self.words.get("trigger.role", "")), str(self.words.get("trigger.audience", ""))
        titles = {r.key: r.title for r in self.case.template.roles}
        titles |= {a.key: a.title for a in self.case.template.audiences}
        return drafting.facts(self.case, "", None, self.now) | {
            "link": incident_url(self.case.incident.key),
            "trigger_role": titles.get(role, role),
            "trigger_audience": titles.get(audience, audience),
        }

    def fill(self, text: str) -> str:
        """The text with its fields. Knows `{{ field }}` and nothing else."""
        return substitute.fill(text, self.facts)

    def directory(self) -> Directory:
        return Directory(self.now)
