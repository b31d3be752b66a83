"""Where else status pages are brought: adding, changing and removing targets, and asking for a try. Audited.

What is brought there, and when, is the engine's (`publish_target_runs`); nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import kind as kind_of
from quarterdeck.channels.status_targets import read_settings
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.models.publish_targets import LEAVING

from ..act import Act, need
from ..health import alarms
from ..incidents.services import named
from .page_seen import need_person
from .status_pages import find_page

MOST = 10
ALARM = "status-target"
SECRET_MOST = 20_000
# In place of a version: something may be there, and nobody knows what.
SOMETHING = "?"


def of_page(page: models.StatusPage) -> list[models.PublishTarget]:
    return list(page.targets.all()[:MOST])


def find(page_key: str, target_id: str, *, lock: bool = False) -> models.PublishTarget:
    rows = (
        models.PublishTarget.objects.select_for_update(of=("self",)) if lock else models.PublishTarget.objects
    )
    found = rows.select_related("page").filter(id=target_id, page=find_page(page_key)).first()
    if found is None:
        raise missing("target.unknown", "The page has no such target. Look it up in the list of its targets.")
    return found


def add(
    act: Act, page_key: str, kind: str, name: str, values: Mapping[str, Any], secret: str = ""
) -> models.PublishTarget:
    """A further target of a page. The engine tries it and brings the page there at once."""
    need_person(act)
    name, secret = named(name, "target"), _secret(secret)
    checked = _checked(kind, values, secret)
    with tx.write("engine", "web"):
        page = find_page(page_key, lock=True)
        if page.targets.count() >= MOST:
            raise Refused("target.many", f"A page has at most {MOST} targets. Remove one first.")
        if page.targets.filter(name=name).exists():
            raise bad(
                "target.name", f"There is a target {name!r} already. Give it another name.", name="taken"
            )
        row = models.PublishTarget.objects.create(
            id=new_id(), page=page, kind=kind, name=name, settings=checked, secret=secret, created_at=act.at,
            created_by=act.person, test_asked_at=act.at,
        )  # fmt: skip
        told = {"page": page.id, "target": row.id, "kind": kind, "name": name, "settings": checked}
        log.audit("PublishTargetAdded", told, at=act.at, actor=act.person)
    return row


def change(
    act: Act, page_key: str, target_id: str, *, name: str | None = None, enabled: bool | None = None,
    values: Mapping[str, Any] | None = None, secret: str | None = None,
) -> models.PublishTarget:  # fmt: skip
    """None leaves a value, as does an empty secret. Whatever changes, the whole page is brought there anew.

    While a page that is public no more may still be there, the place stays: it has to be taken away there first.
    """
    need_person(act)
    with tx.write("engine", "web"):
        row = find(page_key, target_id, lock=True)
        if row.leaving and enabled:
            raise Refused(
                "target.leaving", "The page is being taken away from there. Add a target anew after that."
            )
        new_secret = _secret(secret or "")
        checked = _checked(row.kind, {**row.settings, **(values or {})}, new_secret or row.secret, row)
        _stays(row, checked)
        wanted = {
            "name": named(name, "target") if name is not None else row.name,
            "enabled": row.enabled if enabled is None else enabled,
            "settings": checked,
        }
        if row.page.targets.filter(name=wanted["name"]).exclude(id=row.id).exists():
            raise bad("target.name", "Another target of this page has this name. Take another.", name="taken")
        before = {k: getattr(row, k) for k in wanted}
        after: dict[str, Any] = {k: v for k, v in wanted.items() if v != before[k]}
        if after or new_secret:
            for field, value in after.items():
                setattr(row, field, value)
            row.secret = new_secret or row.secret
            if new_secret or {"settings", "enabled"} & after.keys():
                _anew(row)
                row.test_asked_at = act.at if row.enabled else None
            row.save()
            told = {"target": row.id, "before": {k: before[k] for k in after}, "after": after}
            told["secret"] = "replaced" if new_secret else "kept"
            log.audit("PublishTargetChanged", told, at=act.at, actor=act.person)
    return find(page_key, target_id)


def _anew(row: models.PublishTarget) -> None:
    row.failure, row.failures, row.test_failure = "", 0, ""
    row.next_try_at = row.held_until = row.tested_at = None
    if not row.leaving:
        row.version, row.behind_since = SOMETHING if row.version else "", None
    row.node = ""


def _stays(row: models.PublishTarget, wanted: Mapping[str, Any]) -> None:
    """Refused where another place is named while something of a page that is public no more may be at this one."""
    moved = sorted(k for k in kind_of(row.kind).PLACE if wanted[k] != row.settings.get(k, wanted[k]))
    if moved and (row.leaving or (row.version and not row.page.public)):
        text = "A copy of the page may still be there, and is being taken away. Change the place after that."
        raise bad("target.left", text, **dict.fromkeys(moved, "not yet"))


def remove(act: Act, page_key: str, target_id: str, *, take_away: bool = False) -> bool:
    """Nothing is brought there any more. What is there stays, or the engine is to `take_away` the page's files: then
    the target stays until that is done. Answers whether it stays; asked again without, it is removed at once.
    """
    need(act, "status.edit")
    with tx.write("engine", "web"):
        row = find(page_key, target_id, lock=True)
        if take_away and row.version:
            _leave(row, act)
            return True
        _gone(row, act)
    return False


def leave_all(page: models.StatusPage, act: Act) -> None:
    """The page is deleted: whatever may be at its targets is taken away there, inside the caller's transaction. One
    that never had anything goes at once, as does one whose place is also another page's.
    """
    for row in page.targets.select_for_update(of=("self",)).select_related("page"):
        if row.version and _same_place(row) is None:
            _leave(row, act)
        else:
            _gone(row, act)


def give_up(act: Act, page_id: str, target_id: str) -> None:
    """What is left of a deleted page at this target stays there; nobody tries to take it away any more."""
    need(act, "status.edit")
    with tx.write("engine", "web"):
        rows = models.PublishTarget.objects.select_for_update(of=("self",)).select_related("page")
        row = rows.filter(id=target_id, page=page_id).exclude(page__deleted_at=None).first()
        if row is None:
            raise missing(
                "target.unknown", "No deleted page is being taken away there. It may be done by now."
            )
        _gone(row, act)


def _gone(row: models.PublishTarget, act: Act) -> None:
    alarms.clear_alarm(ALARM, row.id, act.at)
    told = {"page": row.page.id, "target": row.id, "kind": row.kind, "name": row.name}
    log.audit("PublishTargetRemoved", told, at=act.at, actor=act.person)
    row.delete()


def _same_place(row: models.PublishTarget) -> models.PublishTarget | None:
    """Another target that brings its page to the same place."""
    place = kind_of(row.kind).PLACE
    others = models.PublishTarget.objects.filter(kind=row.kind).exclude(id=row.id)
    return next((o for o in others if all(o.settings.get(k) == row.settings.get(k) for k in place)), None)


def _leave(row: models.PublishTarget, act: Act) -> None:
    other = _same_place(row)
    if other is not None:
        text = f"Another target, {other.name!r}, has the same place: its page would be gone. Remove this one alone."
        raise Refused("target.shared", text)
    if row.leaving:
        return
    row.enabled, row.version, row.behind_since = False, LEAVING, act.at
    row.failure, row.failures, row.next_try_at = "", 0, None
    row.save(update_fields=["enabled", "version", "behind_since", "failure", "failures", "next_try_at"])
    told = {"page": row.page.id, "target": row.id, "kind": row.kind, "name": row.name}
    log.audit("PublishTargetLeaving", told, at=act.at, actor=act.person)


def ask_test(act: Act, page_key: str, target_id: str) -> models.PublishTarget:
    """Have the engine try it now, and bring the page there without waiting for its turn."""
    need(act, "status.edit")
    with tx.write("engine", "web"):
        row = find(page_key, target_id, lock=True)
        if not row.enabled and not row.leaving:
            raise Refused("target.off", "This target is switched off. Switch it on, then try it.")
        row.test_asked_at, row.next_try_at = act.at, None
        row.save(update_fields=["test_asked_at", "next_try_at"])
        log.audit("PublishTargetTried", {"target": row.id}, at=act.at, actor=act.person)
    return row


def _checked(
    kind: str, values: Mapping[str, Any], secret: str, row: models.PublishTarget | None = None
) -> dict[str, Any]:
    module, read = kind_of(kind), read_settings(kind, values)
    http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
    local = settings.QUARTERDECK_STATUS_LOCAL_TARGETS
    module.check(read, secret, http, local)
    _alone(module.folder_here(read, local), row, local)
    _not_left(module.PLACE, asdict(read), kind, row)
    return asdict(read)


def _not_left(
    place: Collection[str], wanted: Mapping[str, Any], kind: str, row: models.PublishTarget | None
) -> None:
    """Refused where a page is being taken away from this place: what is brought there now would go with it."""
    for other in models.PublishTarget.objects.filter(kind=kind, version=LEAVING).exclude(
        id=row.id if row else ""
    ):
        if all(other.settings.get(k) == wanted[k] for k in place):
            text = (
                f"The page of {other.name!r} is being taken away from this place. Bring one there after that."
            )
            raise bad("target.left", text, **dict.fromkeys(place, "not yet"))


def _alone(here: Path | None, row: models.PublishTarget | None, local: tuple[str, ...]) -> None:
    """Refused where a folder of this machine is another target's, or lies within it or around it."""
    if here is None:
        return
    for other in models.PublishTarget.objects.exclude(id=row.id if row else ""):
        try:
            theirs = kind_of(other.kind).folder_here(read_settings(other.kind, other.settings), local)
        except Refused:
            continue
        if theirs is not None and (here.is_relative_to(theirs) or theirs.is_relative_to(here)):
            text = f"This folder is used by another target, {other.name!r}. Each has a folder of its own."
            raise bad("target.folder_used", text, folder="used", url="used")


def _secret(text: str) -> str:
    """As it was pasted, with plain line ends."""
    if len(text) > SECRET_MOST:
        raise bad("target.secret", "This is too long for a key.", secret="too long")  # noqa: S106
    return text.replace("\r\n", "\n").strip()


def label(row: models.PublishTarget) -> str:
    """How a target is called in an alarm: its page and its name."""
    return line(f"{row.page.title}: {row.name}", 200)
