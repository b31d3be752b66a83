"""The timeline of an incident as lines, told once: what is in the log does not change, so only what came since is read.

Holds nothing that is not in the log; a name or a title that changed has all of it told anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.incidents import describe
from quarterdeck.core.incidents.describe import Line
from quarterdeck.store import codec, log

MOST = 8
# Acts on forms say nothing about the work; as lines of a form they would change it by being approved.
_SILENT = ("form",)
_NOBODY = frozenset({"", "engine", "system"})


@dataclass(slots=True)
class _Told:
    """All lines up to event `seq`, whose hash is `mark`. `names` is what everybody in them is called."""

    seq: int = 0
    mark: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    actors: frozenset[str] = frozenset()
    lines: tuple[tuple[str, Line], ...] = ()


_kept: OrderedDict[str, _Told] = OrderedDict()


def lines(case: Case, directory: Directory) -> tuple[tuple[tuple[str, Line], ...], frozenset[str]]:
    """Each line with who caused it, in the order in which things happened; and everybody who caused one."""
    key = case.incident.key
    told = _kept.get(key)
    found = _more(case, directory, told) if told else None
    if found is None:
        found = _more(case, directory, _Told())
    assert found is not None
    _kept[key] = found
    _kept.move_to_end(key)
    while len(_kept) > MOST:
        _kept.popitem(last=False)
    return found.lines, found.actors


def _more(case: Case, directory: Directory, told: _Told) -> _Told | None:
    """With what came since; None where what is kept is not the beginning of the log, or would read otherwise by now."""
    entries = log.read(case.incident.key, max(told.seq - 1, 0))
    if told.seq:
        if not entries or entries[0].seq != told.seq or entries[0].hash != told.mark:
            return None
        entries = entries[1:]
    words = case.template.roles, case.template.audiences
    titles = {x.key: x.title for group in words for x in group}
    directory.load_people(set(told.names) - _NOBODY)
    if told.seq and (told.titles != titles or any(directory.name(p) != n for p, n in told.names.items())):
        return None
    if told.seq and not entries:
        return told
    directory.load_people({e.actor for e in entries} - _NOBODY)
    names = dict(told.names)

    def name(person: str) -> str:
        names[person] = directory.name(person)
        return names[person]

    called = casebook.titles(case.template)
    fresh = [(e.actor, describe(codec.decode(e), name, called)) for e in entries]
    shown = [*told.lines, *(x for x in fresh if x[1].kind not in _SILENT)]
    return _Told(
        seq=entries[-1].seq if entries else 0,
        mark=entries[-1].hash if entries else "",
        titles=titles,
        names=names,
        actors=told.actors | ({e.actor for e in entries} - _NOBODY),
        lines=tuple(sorted(shown, key=lambda x: x[1].happened_at)),
    )
