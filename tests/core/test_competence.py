"""Who may fill a role: by certifications that count at that moment, never by title."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quarterdeck.core.incidents.competence import Certificate, needed, qualified, standing, verdict

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ROLE = ("commander",)


def held(person, expires=None, since=NOW - DAY):
    return Certificate(person, "commander", since, expires)


def test_what_nobody_was_ever_certified_for_is_open_to_all():
    assert verdict("ana", ROLE, [], {"ana"}, NOW, "refuse") == "fine"
    planned = Certificate("ben", "commander", planned_for=NOW + DAY)
    assert verdict("ana", ROLE, [planned], {"ana"}, NOW, "refuse") == "fine"


def test_who_lacks_a_certification_is_warned_or_refused_by_policy():
    found = [held("ben")]
    assert verdict("ben", ROLE, found, {"ana", "ben"}, NOW, "refuse") == "fine"
    assert verdict("ana", ROLE, found, {"ana", "ben"}, NOW, "warn") == "warn"
    assert verdict("ana", ROLE, found, {"ana", "ben"}, NOW, "refuse") == "refuse"


def test_nobody_is_refused_where_no_active_person_could_take_the_role():
    expired, gone = [held("ben", NOW)], [held("ben")]
    assert verdict("ana", ROLE, expired, {"ana", "ben"}, NOW, "refuse") == "warn"
    assert verdict("ana", ROLE, gone, {"ana"}, NOW, "refuse") == "warn"


def test_a_certification_counts_from_its_day_until_it_expires():
    assert standing([held("ana", NOW + 90 * DAY)], NOW) == "held"
    assert standing([held("ana", NOW + DAY)], NOW) == "expiring"
    assert standing([held("ana", NOW)], NOW) == "expired"
    assert (
        standing([held("ana", NOW), Certificate("ana", "commander", planned_for=NOW + DAY)], NOW) == "planned"
    )
    assert standing([held("ana", since=NOW + DAY)], NOW) == "expired"
    assert standing([], NOW) == "none"
    assert (
        qualified("commander", [held("ana"), held("ana"), held("ben"), held("cy", NOW)], {"ana", "cy"}, NOW)
        == 1
    )


def test_what_a_role_card_asks_for_is_read_from_its_qualifications():
    assert needed(("cert:commander", "training:scribe")) == ROLE
