"""The lines that forms are filled from are told once for each event, and read as if they were told anew each time."""

from __future__ import annotations

from quarterdeck.app import casebook
from quarterdeck.app.ics import told
from quarterdeck.app.incidents import record
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.incidents import describe
from quarterdeck.store import codec, log, models
from support.rest import Organisation


def fresh(case: casebook.Case, directory: Directory) -> list[tuple[str, object]]:
    titles = casebook.titles(case.template)
    found = [
        (e.actor, describe(codec.decode(e), directory.name, titles)) for e in log.read(case.incident.key)
    ]
    return sorted((x for x in found if x[1].kind != "form"), key=lambda x: x[1].happened_at)


def test_lines_are_the_same_as_when_told_anew_whatever_came_since(db: None) -> None:
    org = Organisation()
    org.call("ana")
    org.call("ben")
    incident = org.declare(type="major_emergency")

    def same() -> None:
        case, directory = casebook.load(incident), Directory(org.now)
        lines, actors = told.lines(case, directory)
        assert list(lines) == fresh(case, directory)
        assert {a for a, _ in lines} - {"", "engine", "system"} <= actors

    told._kept.clear()
    same()
    same()
    for who in ("ana", "ben"):
        record.write(org.act(who), incident, "note", f"{who} says something")
        same()
    models.Person.objects.filter(handle="ben").update(name="Benedikta")
    same()
    case, kept = casebook.load(incident), told._kept[incident]
    again, _ = told.lines(case, Directory(org.now))
    assert told._kept[incident] is kept and again is kept.lines
    told._kept[incident].mark = "of another log"
    same()
