"""Acts of the ICS tab: each is one POST to a name of `ACTS`, and returns to the tab."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict

from quarterdeck.app.act import Act
from quarterdeck.app.ics import plan, resources, safety
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.web.acting import act, done, local_time, number, posts
from quarterdeck.web.routes import route

Do = Callable[[Act, str, QueryDict], object]


def _said(post: QueryDict, *names: str) -> dict[str, str]:
    return {name: post.get(name, "") for name in names}


def _time(post: QueryDict, name: str) -> datetime:
    found = local_time(post.get(name, ""), name)
    if found is None:
        message = "Give a date and time."
        raise bad(f"{name}.missing", message, **{name: message})
    return found


def _cost(post: QueryDict) -> int:
    return number(post.get("cost") or "0", "cost", 0, 10**12)


def _prepare(a: Act, i: str, p: QueryDict) -> None:
    start = local_time(p.get("starts_at", ""), "starts_at")
    plan.prepare_period(a, i, starts_at=start, hours=number(p.get("hours") or "12", "hours", 1, 168))


def _objective(a: Act, i: str, p: QueryDict) -> None:
    plan.set_objective(
        a, i, p.get("period", ""), number(p.get("priority") or "1", "priority", 1, 50), p.get("text", ""),
        p.get("measure", ""),
    )  # fmt: skip


def _meeting(a: Act, i: str, p: QueryDict) -> None:
    minutes = number(p.get("minutes") or "30", "minutes", 5, 480)
    rest = _said(p, "purpose", "attendees", "place", "meeting_id")
    plan.set_meeting(a, i, p.get("period", ""), p.get("title", ""), _time(p, "starts_at"), minutes, **rest)


def _hazard(a: Act, i: str, p: QueryDict) -> None:
    said = _said(p, "area", "hazard", "risk", "mitigation", "residual")
    safety.set_hazard(a, i, **said)


def _division(a: Act, i: str, p: QueryDict) -> None:
    rest = _said(p, "branch", "leader", "channel", "place", "assignment", "special")
    members = tuple(filter(None, p.getlist("members")))
    plan.set_division(a, i, p.get("kind", ""), p.get("name", ""), members=members, **rest)


def _channel(a: Act, i: str, p: QueryDict) -> None:
    names = (
        "function",
        "name",
        "zone",
        "number",
        "assignment",
        "link",
        "receive",
        "transmit",
        "mode",
        "remarks",
    )
    plan.set_channel(a, i, **_said(p, *names))


def _resource(a: Act, i: str, p: QueryDict) -> None:
    rest = _said(p, "type", "contact", "home_unit", "order_number", "notes", "status", "leader")
    people = number(p.get("people") or "1", "people", 0, 10_000)
    category = p.get("category") or "generic"
    resources.set_resource(
        a, i, p.get("name", ""), p.get("kind", ""), category=category, people=people, **rest
    )


def _move(a: Act, i: str, p: QueryDict) -> None:
    eta = local_time(p.get("eta", ""), "eta")
    rest = _said(p, "reason", "division_id", "place")
    resources.move_resource(a, i, p.get("resource", ""), p.get("status", ""), eta=eta, **rest)


def _check_in(a: Act, i: str, p: QueryDict) -> None:
    rest = _said(p, "contact", "departure", "travel", "assignment", "qualifications")
    resources.check_in(a, i, p.get("resource", ""), p.get("place", ""), **rest)  # type: ignore[arg-type]


def _request(a: Act, i: str, p: QueryDict) -> None:
    resources.request(
        a, i, number(p.get("quantity") or "1", "quantity", 1, 10_000), p.get("kind", ""), p.get("item", ""),
        priority=p.get("priority") or "routine", needed_at=local_time(p.get("needed_at", ""), "needed_at"),
        cost=_cost(p), **_said(p, "type", "deliver_to", "substitutes", "division_id"),
    )  # fmt: skip


def _order(a: Act, i: str, p: QueryDict) -> None:
    eta = local_time(p.get("eta", ""), "eta")
    resources.order_request(
        a, i, p.get("request", ""), p.get("order_number", ""), p.get("supplier", ""), cost=_cost(p), eta=eta
    )  # fmt: skip


def _release(a: Act, i: str, p: QueryDict) -> None:
    at = local_time(p.get("planned_at", ""), "planned_at")
    resources.plan_release(
        a,
        i,
        p.get("resource", ""),
        at,
        **_said(p, "destination", "travel", "reassignment", "remarks"),  # type: ignore[arg-type]
    )


ACTS: dict[str, Do] = {
    "prepare-period": _prepare,
    "start-period": lambda a, i, p: plan.start_period(a, i, p.get("period", ""), p.get("reason", "")),
    "move-period": lambda a, i, p: plan.move_period(
        a, i, p.get("period", ""), _time(p, "ends_at"), p.get("reason", "")
    ),
    "set-objective": _objective,
    "judge-objective": lambda a, i, p: plan.judge_objective(
        a, i, p.get("objective", ""), p.get("state", ""), p.get("note", "")
    ),
    "set-meeting": _meeting,
    "hold-meeting": lambda a, i, p: plan.hold_meeting(a, i, p.get("meeting", ""), p.get("notes", "")),
    "cancel-meeting": lambda a, i, p: plan.cancel_meeting(a, i, p.get("meeting", ""), p.get("reason", "")),
    "set-hazard": _hazard,
    "sign-hazard": lambda a, i, p: safety.sign_hazard(a, i, p.get("hazard", ""), p.get("position", "")),
    "clear-hazard": lambda a, i, p: safety.clear_hazard(a, i, p.get("hazard", ""), p.get("reason", "")),
    "set-division": _division,
    "close-division": lambda a, i, p: plan.close_division(a, i, p.get("division", ""), p.get("reason", "")),
    "set-channel": _channel,
    "drop-channel": lambda a, i, p: plan.drop_channel(a, i, p.get("channel", "")),
    "set-resource": _resource,
    "move-resource": _move,
    "check-in": _check_in,
    "request": _request,
    "approve-request": lambda a, i, p: resources.approve_request(a, i, p.get("request", "")),
    "order-request": _order,
    "fund-request": lambda a, i, p: resources.fund_request(a, i, p.get("request", ""), p.get("note", "")),
    "deliver-request": lambda a, i, p: resources.deliver_request(a, i, p.get("request", "")),
    "end-request": lambda a, i, p: resources.end_request(
        a, i, p.get("request", ""), p.get("state", ""), p.get("reason", "")
    ),
    "plan-release": _release,
    "sign-release": lambda a, i, p: resources.sign_release(
        a, i, p.get("release", ""), p.get("unit", ""), p.get("override", "")
    ),
}


@posts
def do(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    """One act by its name."""
    found = ACTS.get(name)
    if found is None:
        raise missing("act.unknown", "There is no such act. Reload the page and try again.")
    found(act(request), incident_id, request.POST)
    period = request.POST.get("back", "")
    url = f"/incidents/{incident_id}/ics" + (
        f"?period={period[:40]}" if period.replace("-", "").isalnum() else ""
    )
    return done(request, f"{url}#{name.partition('-')[2]}s", saved=f"ics:{incident_id}:{name}")


ROUTES = [
    route(
        "incidents/<str:incident_id>/ics/acts/<str:name>",
        do,
        name="incident-ics-act",
        permission="incident.act",
    )
]
