"""Incident types, severities, role cards, templates, audiences, message texts: data, reader, linter."""

from quarterdeck.catalog.acknowledgements import acknowledgements
from quarterdeck.catalog.business import BusinessRules, load_business
from quarterdeck.catalog.causes import Causes, load_causes
from quarterdeck.catalog.check import TOP, check, is_place, place_of
from quarterdeck.catalog.findings import Finding
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.kinds import dump_type, with_type
from quarterdeck.catalog.linter import lint, lint_messages
from quarterdeck.catalog.messages import FACTS, MessageTemplate, Slot, message_template
from quarterdeck.catalog.reader import load
from quarterdeck.catalog.scenarios import load_scenarios
from quarterdeck.catalog.tables import CatalogError

__all__ = [
    "FACTS",
    "TOP",
    "BusinessRules",
    "CatalogError",
    "Causes",
    "Finding",
    "Folders",
    "MessageTemplate",
    "Slot",
    "acknowledgements",
    "check",
    "dump_type",
    "is_place",
    "lint",
    "lint_messages",
    "load",
    "load_business",
    "load_causes",
    "load_scenarios",
    "message_template",
    "place_of",
    "with_type",
]
