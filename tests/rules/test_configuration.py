"""The reference of settings names every setting there is, its variable and no other."""

from __future__ import annotations

import re
from dataclasses import fields

import msgspec

from quarterdeck.boot import channel_config
from quarterdeck.boot.config import Config
from quarterdeck.boot.environment import ENVIRONMENT
from quarterdeck_lifeline.plan import Mail, Ntfy, Page, Plan, Webhook
from support.source import ROOT, text

ROW = re.compile(r"^\| `([\w.]+)` \|(?: (?:`(\w+)`|–) \|)?", re.MULTILINE)
PARTS = {"mail": Mail, "ntfy": Ntfy, "webhook": Webhook, "page": Page}


def reference() -> tuple[dict[str, str], set[str]]:
    """Settings with their variables, and the keys of the lifeline's file."""
    own, _, lifeline = text(ROOT / "docs" / "configuration.md").partition("## The lifeline's own file")
    return {key: variable or "" for key, variable in ROW.findall(own)}, {
        key for key, _ in ROW.findall(lifeline)
    }


def settings() -> set[str]:
    found = set()
    for field in msgspec.structs.fields(Config):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found |= {f"{field.name}.{f.name}" for f in msgspec.structs.fields(field.type)}
        elif field.name not in ("channels", "probe"):
            found.add(field.name)
    return found | {
        f"channels.{kind}.{name}" for kind, names in channel_config.known().items() for name in names
    }


def test_every_setting_is_in_the_reference_and_nothing_else():
    named, _ = reference()
    assert set(named) == settings()


def test_every_variable_stands_beside_its_setting():
    named, _ = reference()
    assert {v: k for k, v in named.items() if v} == ENVIRONMENT


def test_every_key_of_the_lifeline_is_in_the_reference_and_nothing_else():
    _, named = reference()
    wanted = {f.name for f in fields(Plan)} - set(PARTS)
    wanted |= {f"{table}.{f.name}" for table, kind in PARTS.items() for f in fields(kind)}
    assert named == wanted
