"""How each kind of thing that was taken away comes back as it was: one of them, or all of somebody's at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..incidents.services import free_key

AT_ONCE = 200


def _service(row: models.Removal) -> None:
    free_key(models.Service, row.data["key"], "service")
    data = dict(row.data)
    for column, model in (("team_id", models.Team), ("policy_id", models.EscalationPolicy)):
        if data.get(column) and not model.objects.filter(id=data[column]).exists():
            data[column] = None
    models.Service.objects.create(**data)


def _policy(row: models.Removal) -> None:
    free_key(models.EscalationPolicy, row.data["key"], "policy")
    models.EscalationPolicy.objects.create(**row.data)


def _integration(row: models.Removal) -> None:
    models.Integration.objects.filter(id=row.thing_id).update(revoked_at=None)


def _person(row: models.Removal) -> None:
    models.Person.objects.filter(id=row.thing_id).update(is_active=True)


def _member(row: models.Removal) -> None:
    team, person = row.data["team_id"], row.data["person_id"]
    if not models.Team.objects.filter(id=team).exists():
        raise Refused("team.unknown", f"{row.name} cannot be put back: the team is gone.", kind="conflict")
    models.Membership.objects.get_or_create(
        team_id=team, person_id=person, defaults={"lead": row.data["lead"]}
    )


def _contact(row: models.Removal) -> None:
    """To be verified anew: who has had the number meanwhile is not known."""
    data = {k: v for k, v in row.data.items() if k != "verified_at"}
    if not models.ContactMethod.objects.filter(id=row.thing_id).exists():
        models.ContactMethod.objects.create(**data)


# What puts a thing of each kind back, and the permission that taking it away took, too. A layer is not among them: on
# call again from now on means a new layer, and the time in between stays as it was.
KINDS: Mapping[str, tuple[str, Callable[[models.Removal], None]]] = {
    "service": ("service.edit", _service),
    "policy": ("schedule.edit", _policy),
    "integration": ("key.edit", _integration),
    "person": ("person.edit", _person),
    "member": ("person.edit", _member),
    "contact": ("person.edit", _contact),
}


def put_back(act: Act, ids: Sequence[str]) -> list[models.Removal]:
    """Undo these removals, all or none; returns them. One that was undone already is left as it is."""
    need(act, "settings.read")
    if len(ids) > AT_ONCE:
        raise bad("removal.too_many", f"Put back at most {AT_ONCE} things at once.", ids="too many")
    with tx.write("engine", "web"):
        rows = list(models.Removal.objects.select_for_update().filter(id__in=ids).order_by("at", "id"))
        if len(rows) != len(set(ids)):
            raise missing("removal.unknown", "This is not kept any more. Reload the list.")
        back = [row for row in reversed(rows) if row.restored_at is None]
        for row in back:
            if row.kind not in KINDS:
                raise Refused(
                    "removal.kind", f"A {row.kind} is put back where it was taken away.", kind="conflict"
                )
            permission, back_again = KINDS[row.kind]
            need(act, permission)
            back_again(row)
            row.restored_at = act.at
            row.save(update_fields=["restored_at"])
            told = {"kind": row.kind, "ref": row.thing_id, "name": row.name}
            log.audit("RemovalUndone", told, at=act.at, actor=act.person)
    return back
