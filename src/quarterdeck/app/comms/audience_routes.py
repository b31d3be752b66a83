"""How messages reach an audience besides mail, and which of its lists hears of an incident. Widens nothing silently."""

from __future__ import annotations

from quarterdeck.channels import channels
from quarterdeck.core.comms import contact_rows
from quarterdeck.core.incidents.authority import authorise
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import bulk, log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..visibility import unless_restricted
from . import audiences


def choose_list(act: Act, incident_id: str, audience: str, segment: str) -> None:
    """Of this audience only those on this list hear of this incident; "" for all of them. Counts for what is released
    from now on, and only ever narrows whom the message's own audience is.
    """
    case = casebook.load(incident_id, act.who)
    authorise(case.incident, case.template, act.who, "message.release")
    if case.template.audience(audience) is None:
        raise bad("audience.unknown", "This structure has no such audience.", audience="unknown")
    wanted = contact_rows.segment(segment)
    if wanted is None or (wanted and wanted not in lists(audience)):
        text = "No contact of this audience stands on a list of that name. Import the list first."
        raise bad("segment.unknown", text, segment=text)
    with tx.write("web"):
        rows = models.AffectedList.objects.filter(incident_id=incident_id, audience=audience)
        if wanted:
            given = {"segment": wanted, "set_by": act.person, "set_at": act.at}
            models.AffectedList.objects.update_or_create(
                incident_id=incident_id,
                audience=audience,
                defaults=given,
                create_defaults={"id": new_id(), **given},
            )
        else:
            rows.delete()
        about = unless_restricted(incident_id, incident_id)
        told = {"incident": about, "audience": audience, "list": wanted}
        log.audit("AffectedListChosen", told, at=act.at, actor=act.person)


def lists(audience: str) -> dict[str, int]:
    """The lists of an audience, and how many contacts stand on each."""
    rows = bulk.select(
        "SELECT segments, COUNT(*) FROM audience_contact WHERE audience = %s AND removed_at IS NULL "
        "AND segments <> '' GROUP BY segments",
        audience,
    )
    found: dict[str, int] = {}
    for names, n in rows:
        for name in str(names).strip("|").split("|"):
            found[name] = found.get(name, 0) + int(n)
    return dict(sorted(found.items()))


def ways() -> dict[str, tuple[str, bool]]:
    """Channels an audience may be reached by besides mail: title, and whether it is a room's."""
    found: dict[str, tuple[str, bool]] = {}
    for kind, module in channels().items():
        if getattr(module, "PAID", "") == "text":
            found[kind] = (str(module.NAME), False)
        elif kind in ("slack", "teams", "chat", "apprise"):
            found[kind] = (str(module.NAME), True)
    return found


def add_route(act: Act, audience: str, channel: str, address: str = "") -> models.AudienceRoute:
    """Messages to this audience also go this way: into a room, or to each contact that has a number."""
    need(act, "status.edit")
    audiences.must_exist(audience)
    known = ways()
    if channel not in known:
        raise bad("route.channel", f"Choose one of: {', '.join(known)}.", channel="unknown")
    is_room = known[channel][1]
    if is_room and not address.strip():
        raise bad("route.address", "Name the room its messages go to.", address="missing")
    where = str(channels()[channel].check_address(address)) if is_room else ""
    with tx.write("web"):
        row, made = models.AudienceRoute.objects.get_or_create(
            audience=audience, channel=channel, address=where, defaults={"id": new_id(), "created_at": act.at}
        )
        if made:
            told = {"audience": audience, "channel": channel, "address": where}
            log.audit("AudienceRouteAdded", told, at=act.at, actor=act.person)
    return row


def remove_route(act: Act, route_id: str) -> None:
    need(act, "status.edit")
    with tx.write("web"):
        row = models.AudienceRoute.objects.filter(id=route_id).first()
        if row is not None:
            row.delete()
            told = {"audience": row.audience, "channel": row.channel, "address": row.address}
            log.audit("AudienceRouteRemoved", told, at=act.at, actor=act.person)
