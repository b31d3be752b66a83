"""Read tables are disposable: whatever an incident lived through, its log makes the same rows again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.app import casebook
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import boundary, outside, telling
from quarterdeck.store import log, models, project, tx
from support.budgets import examples
from support.rest import Organisation
from support.reviewed import declared, organisation

ENTRIES = st.sampled_from(["e-1", "e-2", "e-3"])
TEXTS = st.sampled_from(["The pool is full", "x", "Zeile\n2"])
LIVES = st.lists(
    st.one_of(
        st.builds(ev.EntryCorrected, st.sampled_from(["e-4", "e-5"]), ENTRIES, TEXTS),
        st.builds(ev.EntryPinned, ENTRIES, st.booleans()),
        st.builds(ev.EntryFlagged, ENTRIES, st.booleans()),
        st.builds(ev.FactsSet, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
        st.builds(ev.SeveritySet, st.integers(1, 5), st.integers(1, 5)),
        st.builds(ev.TaskDone, st.sampled_from(["t-1", "t-2"]), TEXTS, TEXTS),
        st.builds(ev.CheckFailed, st.just("k-1"), TEXTS, TEXTS),
        st.builds(ev.CheckPassed, st.just("k-1"), TEXTS, TEXTS),
        st.builds(ev.ChecklistDone, st.just("scribe"), st.just("triage"), st.integers(0, 2), TEXTS),
        st.builds(ev.ChecklistUndone, st.just("scribe"), st.just("triage"), st.integers(0, 2), TEXTS),
        st.builds(ev.TitleSet, TEXTS, TEXTS),
        st.builds(outside.EntryShared, ENTRIES, st.booleans()),
    ),
    max_size=8,
)


@pytest.mark.requirement("R-073")
def test_any_life_of_an_incident_is_rebuilt_from_its_log_row_by_row(db: None) -> None:
    world = organisation(Organisation())
    tables = {**project.TABLES, "timeline": models.TimelineRow}

    def rows(incident: str) -> dict[str, object]:
        found = {}
        for name, model in tables.items():
            named = {"id" if model is models.IncidentRow else "incident_id": incident}
            found[name] = list(model._default_manager.filter(**named).order_by("pk").values())
        return found

    @settings(max_examples=examples(6))
    @given(LIVES)
    def rebuilds(life: list[ev.Event]) -> None:
        incident = declared(world)
        # Ids of parts are unique in an installation; entries may share theirs with other incidents.
        begin = [
            *(ev.EntryWritten(f"e-{n}", "note", "It grows", followup=n == 2) for n in (1, 2, 3)),
            outside.EntryShared("e-1"),
            outside.AgencyListed(f"a-{incident}", "City works", limits="No nights"),
            outside.AgencyAsked(f"q-{incident}", f"a-{incident}", "City works", "A pump"),
            outside.AgencyAnswered(f"q-{incident}", "partly", "City works", "At ten"),
            outside.AgencyLeft(f"a-{incident}", "City works", "Done"),
            ev.ClockReminded("customers_all", world.now, "communications_lead"),
            telling.MentionRecorded(f"m-{incident}", "A customer", "a forum", world.now, ahead=True),
            telling.CustomersListed({f"c-{incident}": "Northwind"}, {f"c-{incident}": "C-1"}),
            telling.CustomerMoved(f"c-{incident}", "declined", "No need", "Northwind"),
            telling.PulseTaken(f"p-{incident}", 3, 12, "Two shops"),
            boundary.ExecQuestionAsked(f"xq-{incident}", "Charged twice?", held_until=world.now),
            boundary.ExecQuestionsDelivered((f"xq-{incident}",)),
            boundary.ExecQuestionAnswered(f"xq-{incident}", "answered", "None found."),
            boundary.BoundaryCrossed(f"bc-{incident}", "off_channel", "a restart", "Just restart it", "eva"),
            boundary.GuidanceGiven(f"sg-{incident}", "constraint", "No data is lost"),
            boundary.GuidanceAnswered(f"sg-{incident}", False, "constraint", "It may be"),
            boundary.ExecutiveNoted(f"xn-{incident}", "severity", "Never a SEV1", "SEV1"),
            ev.FileAttached(f"f-{incident}", "graph.png", "image/png", 80, "a" * 64, "The pool"),
        ]
        for event in [*begin, *life]:
            with tx.write():
                casebook.append(world.act("ana"), casebook.load(incident), incident, [event])
        before = rows(incident)
        casebook.rebuild(incident, world.now)
        assert rows(incident) == before
        assert log.verify(incident) is None

    rebuilds()
