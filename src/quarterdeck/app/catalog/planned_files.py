"""Files of the catalogue that are announced first and put in force on their day, if they still can be (R-295)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import allowed
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from .. import due
from ..act import Act, act_of, need
from ..learning import notices
from ..oncall import duty_notes
from ..paging.directory import Directory
from . import structures
from .catalogue import current

KIND = "planned_files"
LATEST = timedelta(days=366)


def plan(
    act: Act, texts: Mapping[str, str], note: str, bases: Mapping[str, str], effective_at: datetime
) -> models.Notice:
    """Announce these files now; they are in force from `effective_at` on. Refused as saving them at once would be."""
    need(act, "settings.edit")
    note = line(note, 300)
    if not note:
        raise bad(
            "note.missing", "Say in one line why this changes: those it concerns read it.", note="Say why."
        )
    if not act.at < effective_at <= act.at + LATEST:
        message = "Give a time in the future, within a year."
        raise bad("files.when", message, effective_at=message)
    changed = {p: t for p, t in texts.items() if structures.file(act, p).text != t}
    if not changed:
        raise bad("files.same", "Nothing differs from what is in force.", file="Change something first.")
    checked = structures.check(changed)
    if checked.blocking or checked.catalog is None:
        raise structures.faults(checked.blocking or checked.findings)
    keys = [_template_of(p) for p in changed]
    template = next((t for k in keys if k and (t := checked.catalog.template(k))), None)
    roles = [r.key for r in template.roles] if template else []
    title = f"{template.title}: a new version" if template else f"Changed: {', '.join(sorted(changed))}"
    path = (
        f"/settings/structures/templates/{template.key}"
        if template and current().template(template.key)
        else ""
    )
    words = notices.Words(
        "template", template.key if template else sorted(changed)[0], title, note, path or "/settings/structures",
        effective_at=effective_at,
    )  # fmt: skip
    with tx.write("engine", "web"):
        people = notices.people(notices.Audience(roles=roles, on_call=True))
        row = notices.publish(act, words, people, files=changed, bases=dict(bases))
        due.rearm(KIND, row.id, effective_at, act.at)
    return row


def fire(notice_id: str, directory: Directory) -> None:
    """Its timer: put the files in force as whoever planned it, who hears why where that cannot be."""
    row = notices.notices().filter(id=notice_id, applied_at=None).first()
    if row is None or not row.files:
        return
    person = models.Person.objects.filter(id=row.published_by, is_active=True).first()
    why = ""
    if person is None or not allowed(person.role, "settings.edit"):
        why = "Whoever planned it may not change the catalogue any more."
    else:
        doing = act_of(person.id, person.role, directory.now, "engine")
        try:
            structures.put_in_force(doing, row.files, row.note[:300], row.bases, told=True)
        except Refused as refused:
            why = refused.message
    if why:
        models.Notice.objects.filter(id=row.id).update(failure=why)
        told = [row.published_by] if person else Directory(directory.now).administrators()
        text = f"{row.title}\n\n{why}\nSave it again, or withdraw the notice."
        duty_notes.tell(told, "A planned change is not in force", text, f"/notices/{row.id}", directory.now)
    else:
        models.Notice.objects.filter(id=row.id).update(applied_at=directory.now)


def _template_of(path: str) -> str:
    part = path.split("/")
    return part[1].removesuffix(".toml") if part[0] in ("templates", "roles") and len(part) > 1 else ""
