"""The catalogue's files as people edit them: reading, checking, saving and withdrawing, with a history of each.

Saving never touches the disk: what is saved stands in the store, for every node, over the files of the folder.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError, Finding, Folders
from quarterdeck.core.access import SYSTEM, Who, may
from quarterdeck.core.incidents.structure import Catalog
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, counted, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..learning import notices
from . import catalogue_files, saved_files, structure_veil

EDITED = ("templates", "roles", "mappings", "types", "messages", "scenarios")
MOST_FILES = 60
MOST_LETTERS = 200_000
MOST_AT_ONCE = 1_000_000
_KINDS = {
    "templates": "Template",
    "roles": "Role card",
    "mappings": "Mapping",
    "types": "Types",
    "messages": "Message text",
    "scenarios": "Scenario",
}
# The last few looks at the whole catalogue: of which files on the disk, of which texts, what was found.
_LOOKS = 8
_looked: list[tuple[catalogue_files.Read, str, tuple[Finding, ...]]] = []


@dataclass(frozen=True, slots=True)
class File:
    """A file of the catalogue. `source`: saved (here), own (the folder), shipped, "" (none yet). `base` names its text:
    whoever saves says which text they changed.
    """

    path: str
    kind: str
    source: str
    text: str
    base: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of files found. `catalog` is what would be in force, None where it cannot be read. `blocking` are
    the faults that these files bring in; with one of them nothing is saved.
    """

    findings: tuple[Finding, ...]
    blocking: tuple[Finding, ...]
    catalog: Catalog | None


def files(act: Act) -> list[File]:
    """Every file that can be edited here, in the order of the catalogue."""
    need(act, "settings.read")
    folders = _folders()
    names = [t for t in shipped.TOP if folders.has(t)]
    # Whoever only looks at the settings may be about to play one.
    scenarios = ("scenarios",) if may(act.who, "settings.edit") else ()
    for folder in ("types", "templates", "mappings", *scenarios):
        names += [f"{folder}/{n}.toml" for n in folders.names(folder)]
    for template in folders.names("templates"):
        for folder in (f"roles/{template}", f"messages/{template}"):
            names += [f"{folder}/{n}.toml" for n in folders.names(folder)]
    return [_file(folders, name, act.who) for name in names]


def file(act: Act, path: str) -> File:
    """One file. Refused when nothing reads a file of this name; one that is not there yet is empty."""
    need(act, "settings.edit" if path.startswith("scenarios/") else "settings.read")
    _known_place(path)
    return _file(_folders(), path, act.who)


def check(texts: Mapping[str, str]) -> Checked:
    """What the catalogue would be with these files in it. Changes nothing."""
    if sum(map(len, texts.values())) > MOST_AT_ONCE:
        message = f"These files have more than {MOST_AT_ONCE} letters together. Give fewer at once."
        raise bad("files.large", message, file=message)
    before = saved_files.texts()
    together = {**before, **texts}
    wrong_before, found = _look(before), _look(together)
    known = {_about(f) for f in wrong_before}
    blocking = tuple(
        f
        for f in found
        if f.severity == "fault"
        and _about(f) not in known
        and (not f.where.startswith("mappings/") or f.where in texts)
    )
    return Checked(found, blocking, _together(before, together))


def _look(texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the catalogue with these texts in it. The same files are read and checked once."""
    read = catalogue_files.files()
    mark = hashlib.sha256("\0".join(f"{p}\0{texts[p]}" for p in sorted(texts)).encode()).hexdigest()
    for known, of, found in _looked:
        if known is read and of == mark:
            return found
    made = tuple(shipped.check(read.folder, texts))
    _looked[:] = [(read, mark, made), *_looked[: _LOOKS - 1]]
    return made


def _together(before: Mapping[str, str], together: Mapping[str, str]) -> Catalog | None:
    if together == before and not saved_files.problem():
        return saved_files.over(catalogue_files.files())
    try:
        return saved_files.after(shipped.load(catalogue_files.files().folder, together))
    except CatalogError:
        return None


def put_in_force(
    act: Act,
    texts: Mapping[str, str],
    note: str,
    bases: Mapping[str, str] | None = None,
    *,
    told: bool = False,
) -> list[str]:
    """Put these files in force, all or none; the paths that changed. Refused with `catalogue.faults` when one of them
    brings a fault in, with a conflict when somebody saved another text since `bases` were read. Those it concerns are
    sent a notice with the `note`, unless they were `told` before.
    """
    need(act, "settings.edit")
    note = line(note, 300)
    if not note:
        raise bad(
            "note.missing", "Say in one line why this changes: it stands in the history.", note="Say why."
        )
    texts = {path: _tamed(path, text) for path, text in texts.items()}
    if not texts or len(texts) > MOST_FILES:
        raise bad("files.count", f"Give 1 to {MOST_FILES} files.", file="Choose files.")
    with tx.write("engine", "web"):
        tx.lock("catalogue")
        changed = {p: t for p, t in texts.items() if _file(_folders(), p).text != t}
        _unchanged_since(bases or {}, changed)
        checked = check(changed)
        if checked.blocking or checked.catalog is None:
            raise faults(checked.blocking or checked.findings)
        if changed:
            made = _write(act, changed, checked.catalog, note)
            if not told:
                notices.of_templates(act, made, _titles(checked.catalog), note)
    return list(changed)


def withdraw(act: Act, path: str, note: str) -> None:
    """Let the file on the disk, or the shipped one, be in force again. Refused where that would bring a fault in."""
    need(act, "settings.edit")
    with tx.write("engine", "web"):
        tx.lock("catalogue")
        if path not in saved_files.texts():
            raise Refused("file.not_saved", f"Nothing saved here stands over {path}.", kind="conflict")
        folder, before = catalogue_files.files().folder, saved_files.texts()
        rest = {p: t for p, t in before.items() if p != path}
        known = {_about(f) for f in _look(before)}
        found = [
            f for f in _look(rest)
            if f.severity == "fault" and _about(f) not in known and not f.where.startswith("mappings/")
        ]  # fmt: skip
        if found:
            raise faults(found)
        was, after = shipped.load(folder, before), shipped.load(folder, rest)
        note = line(note, 300) or "Withdrawn"
        made = saved_files.keep_versions(was, after, act.at, act.person, note)
        _row(act, path, "", note, withdrawn=True)
        log.audit(
            "CatalogueFileWithdrawn", {"file": path, "versions": dict(made)}, at=act.at, actor=act.person
        )
        notices.of_templates(act, made, _titles(after), note)


def history(path: str, who: Who = SYSTEM) -> list[models.CatalogueFileRow]:
    """What was saved under a path as `who` may read it, the newest first; not to be saved."""
    rows = list(models.CatalogueFileRow.objects.filter(path=path).order_by("-place")[:200])
    for row in rows:
        row.text = structure_veil.readable(row.text, who)
    return rows


def faults(found: Sequence[Finding]) -> Refused:
    """The refusal that names what is wrong, each with its file and line."""
    told = "\n".join(str(f) for f in found[:20])
    many = counted(len(found), "fault")
    return Refused(
        "catalogue.faults",
        f"Nothing was saved: {many}. {found[0]}" if found else "Nothing was saved.",
        kind="bad",
        fields={"text": told},
    )


def changed_lines(before: str, after: str) -> list[tuple[str, str]]:
    """The lines of a difference as (kind, text), kind being add, drop, same or where."""
    kinds = {"+": "add", "-": "drop", "@": "where"}
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    lines = [text for n, text in enumerate(found) if n > 1]
    return [(kinds.get(x[:1], "same"), x if x.startswith("@@") else x[1:]) for x in lines][:2_000]


def _about(finding: Finding) -> tuple[str, str]:
    return finding.where, finding.text


def _tamed(path: str, text: str) -> str:
    _known_place(path)
    if len(text) > MOST_LETTERS:
        message = f"{path} has {len(text)} letters. Keep it under {MOST_LETTERS}."
        raise bad("file.large", message, text=message)
    # A file ends with its last line; what a browser sends has other line ends.
    return clean(text, MOST_LETTERS).rstrip("\n") + "\n"


def _known_place(path: str) -> None:
    if not shipped.is_place(path) or (path not in shipped.TOP and path.partition("/")[0] not in EDITED):
        raise missing(
            "file.unknown",
            f"Nothing in the catalogue reads {path!r}. A template is templates/<key>.toml, a role card "
            "roles/<template>/<key>.toml, a text messages/<template>/<audience>.toml.",
        )


def _unchanged_since(bases: Mapping[str, str], changed: Mapping[str, str]) -> None:
    folders = _folders()
    for path in changed:
        if path in bases and bases[path] != _file(folders, path).base:
            raise Refused(
                "catalogue.changed",
                f"Somebody saved {path} while you were editing. Look at the difference, then save again.",
                kind="conflict",
                fields={"text": "Changed meanwhile."},
            )


def _titles(catalog: Catalog) -> dict[str, tuple[str, list[str]]]:
    return {t.key: (t.title, [r.key for r in t.roles]) for t in catalog.templates}


def _write(act: Act, changed: Mapping[str, str], after: Catalog, note: str) -> Mapping[str, int]:
    before = shipped.load(catalogue_files.files().folder, saved_files.texts())
    made = saved_files.keep_versions(saved_files.numbered(before), after, act.at, act.person, note)
    for path, text in changed.items():
        _row(act, path, text, note)
    log.audit(
        "CatalogueSaved",
        {"files": sorted(changed), "reason": note, "versions": dict(made)},
        at=act.at,
        actor=act.person,
    )
    return made


def _row(act: Act, path: str, text: str, note: str, *, withdrawn: bool = False) -> None:
    rows = models.CatalogueFileRow.objects
    last = rows.order_by("-place").values_list("place", flat=True).first() or 0
    rows.create(
        id=new_id(), place=last + 1, path=path, version=rows.filter(path=path).count() + 1, text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(), withdrawn=withdrawn, note=note, saved_by=act.person,
        saved_at=act.at,
    )  # fmt: skip


def _folders() -> Folders:
    return Folders(catalogue_files.files().folder, saved_files.texts())


def _file(folders: Folders, path: str, who: Who = SYSTEM) -> File:
    text = folders.text(path) if folders.has(path) else ""
    kind = _KINDS.get(path.partition("/")[0], "") or path.removesuffix(".toml").replace("_", " ").capitalize()
    base = hashlib.sha256(text.encode()).hexdigest()[:32]
    return File(path, kind, folders.source(path), structure_veil.readable(text, who), base)
