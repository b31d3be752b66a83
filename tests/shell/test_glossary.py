"""One word for one thing: roles are found by every title people use, and texts for outside say it plainly."""

from __future__ import annotations

import pytest

from quarterdeck.app.catalog import glossary
from quarterdeck.core.comms.plain import hints
from support.browsing import browser, company

TITLES = (
    "Incident Commander", "Crisis Manager", "Operations Lead", "Service Desk Manager", "Incident Manager",
    "Head of Reliability", "incident response manager", "IT incident manager", "crisis management specialist",
    "emergency management coordinator",
)  # fmt: skip
ACRONYMS = {"SLA": "service level agreement", "DB": "database"}
PLAIN = {"failover": "switch to the spare system", "blast radius": "what is affected"}


@pytest.mark.requirement("R-030")
@pytest.mark.parametrize("title", TITLES)
def test_the_commander_is_found_by_every_title(db: None, title: str) -> None:
    assert "commander" in [w.code for w in glossary.search(title, 10)]


@pytest.mark.requirement("R-030")
def test_the_senior_incident_manager_is_the_one_over_several_commanders(db: None) -> None:
    assert [w.title for w in glossary.search("senior incident manager", 5)] == ["Program lead"]


def test_the_search_of_the_page_and_the_glossary_find_a_role_by_its_other_name(db: None) -> None:
    ben = browser(company(), "ben")
    said = ben.get("/search?q=Head+of+Reliability").content.decode()
    assert "Incident Commander" in said and "/glossary#role-commander" in said
    page = ben.get("/glossary").content.decode()
    assert 'id="role-commander"' in page and "service level agreement" in page
    assert "No such word" in ben.get("/glossary?q=zzzz").content.decode()


@pytest.mark.requirement("R-180")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We missed the SLA.", [("SLA", "service level agreement")]),
        ("Our service level agreement (SLA) holds; the SLA is safe.", []),
        ("The DB failover runs.", [("DB", "database"), ("failover", "switch to the spare system")]),
        ("The blast radius is small.", [("blast radius", "what is affected")]),
        ("The QRX is down at 14:02 UTC.", [("QRX", "")]),
        ("Payments fail for some customers in the EU.", []),
        ("INC-7 is over; SLAB and DBX1 are names.", [("DBX1", "")]),
        ("", []),
    ],
)
def test_jargon_and_acronyms_are_named_with_what_to_say(text: str, found: list[tuple[str, str]]) -> None:
    told = [(h.word, h.say) for h in hints(text, ACRONYMS, PLAIN)]
    assert [t for t in told if t[0] not in ("INC", "SLAB")] == found


def test_a_text_made_of_capitals_gives_few_hints() -> None:
    assert (
        len(hints("ABC DEF " * 5_000 + " ".join(f"X{a}{b}" for a in "ABCDE" for b in "ABCDE"), {}, {})) == 12
    )
