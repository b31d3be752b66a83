"""Every fixed phrase of the public page, language by language. A language is one entry here and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Language:
    name: str
    phrases: Mapping[str, str]
    days: tuple[str, ...]
    months: tuple[str, ...]
    comma: str


_ENGLISH = {
    "skip": "Skip to the current state",
    "subscribe": "Subscribe",
    "now": "Now",
    "components": "Components",
    "maintenance": "Planned maintenance",
    "history": "Incident history",
    "all_incidents": "All incidents",
    "earlier": "Earlier incidents",
    "back": "Current state",
    "language": "Language",
    "follow": "Follow",
    "email": "E-mail",
    "email_hint": "We first send you a mail to confirm the address.",
    "send": "Send me updates",
    "run_with": "Run with Quarterdeck",
    "to": "to",
    "since": "Since {when}",
    "from_to": "{start} to {end}, {span}",
    "affects": "Affects {names}",
    "and": "and",
    "checked": "Written {when}",
    "next_update": "Next update by {when}",
    "resolved_after": "Resolved after {span}",
    "completed": "Completed",
    "learned": "What we learned",
    "times_in": "Times in {zone}",
    "available": "{percent} available",
    "days_ago": "90 days ago",
    "today": "Today",
    "not_measured": "not measured",
    "no_incidents": "Nothing has been reported here.",
    "no_recent": "No incident in the last 90 days.",
    "updates": "Updates",
    "no_updates": "The first update is being written.",
    "key": "What the colours mean",
    "unit_day": "d",
    "earlier_updates_one": "1 earlier update",
    "earlier_updates_many": "{n} earlier updates",
    "disturbed_one": "{name}, last 90 days: 1 day with a disturbance ({days})",
    "disturbed_many": "{name}, last 90 days: {n} days with a disturbance ({days})",
    "undisturbed": "{name}, last 90 days: no disturbance",
    "one_component": "{name}: {state}",
    "verdict_none": "All systems are working",
    "verdict_maintenance": "Planned maintenance is under way",
    "verdict_minor": "Some systems are slower or less reliable than usual",
    "verdict_major": "Part of the service is not working",
    "verdict_critical": "Major parts of the service are not working",
    "state_operational": "Operational",
    "state_under_maintenance": "Maintenance",
    "state_degraded_performance": "Degraded",
    "state_partial_outage": "Partial outage",
    "state_major_outage": "Major outage",
    "state_no_data": "No data",
    "state_investigating": "Investigating",
    "state_identified": "Identified",
    "state_monitoring": "Monitoring",
    "state_resolved": "Resolved",
    "state_postmortem": "Review",
    "state_scheduled": "Scheduled",
    "state_in_progress": "In progress",
    "state_verifying": "Verifying",
    "state_completed": "Completed",
}

_GERMAN = {
    "skip": "Zum aktuellen Stand springen",
    "subscribe": "Abonnieren",
    "now": "Jetzt",
    "components": "Komponenten",
    "maintenance": "Geplante Wartung",
    "history": "Frühere Störungen",
    "all_incidents": "Alle Störungen",
    "earlier": "Frühere Störungen",
    "back": "Aktueller Stand",
    "language": "Sprache",
    "follow": "Verfolgen",
    "email": "E-Mail",
    "email_hint": "Wir senden Ihnen zuerst eine Mail, um die Adresse zu bestätigen.",
    "send": "Auf dem Laufenden halten",
    "run_with": "Betrieben mit Quarterdeck",
    "to": "bis",
    "since": "Seit {when}",
    "from_to": "{start} bis {end}, {span}",
    "affects": "Betroffen: {names}",
    "and": "und",
    "checked": "Stand {when}",
    "next_update": "Nächste Meldung bis {when}",
    "resolved_after": "Behoben nach {span}",
    "completed": "Abgeschlossen",
    "learned": "Was wir gelernt haben",
    "times_in": "Zeiten in {zone}",
    "available": "{percent} verfügbar",
    "days_ago": "Vor 90 Tagen",
    "today": "Heute",
    "not_measured": "nicht gemessen",
    "no_incidents": "Hier wurde noch nichts gemeldet.",
    "no_recent": "Keine Störung in den letzten 90 Tagen.",
    "updates": "Meldungen",
    "no_updates": "Die erste Meldung wird gerade geschrieben.",
    "key": "Bedeutung der Farben",
    "unit_day": "T",
    "earlier_updates_one": "1 frühere Meldung",
    "earlier_updates_many": "{n} frühere Meldungen",
    "disturbed_one": "{name}, letzte 90 Tage: 1 Tag mit Störung ({days})",
    "disturbed_many": "{name}, letzte 90 Tage: {n} Tage mit Störungen ({days})",
    "undisturbed": "{name}, letzte 90 Tage: keine Störung",
    "one_component": "{name}: {state}",
    "verdict_none": "Alle Systeme arbeiten",
    "verdict_maintenance": "Eine geplante Wartung läuft",
    "verdict_minor": "Einige Systeme sind langsamer oder unzuverlässiger als sonst",
    "verdict_major": "Ein Teil des Dienstes ist ausgefallen",
    "verdict_critical": "Große Teile des Dienstes sind ausgefallen",
    "state_operational": "In Betrieb",
    "state_under_maintenance": "Wartung",
    "state_degraded_performance": "Eingeschränkt",
    "state_partial_outage": "Teilausfall",
    "state_major_outage": "Ausfall",
    "state_no_data": "Keine Daten",
    "state_investigating": "In Untersuchung",
    "state_identified": "Ursache bekannt",
    "state_monitoring": "Unter Beobachtung",
    "state_resolved": "Behoben",
    "state_postmortem": "Rückblick",
    "state_scheduled": "Angekündigt",
    "state_in_progress": "Läuft",
    "state_verifying": "In Prüfung",
    "state_completed": "Abgeschlossen",
}

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "en": Language(
            "English",
            MappingProxyType(_ENGLISH),
            ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
            tuple(
                "January February March April May June July August September October November December".split()
            ),
            ".",
        ),
        "de": Language(
            "Deutsch",
            MappingProxyType(_GERMAN),
            ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
            tuple(
                "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
            ),
            ",",
        ),
    }
)
