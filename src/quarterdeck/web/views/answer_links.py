"""Answering by a signed link without a login: a text to approve, a decision, a task. Only a POST says anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.comms import sending
from quarterdeck.app.paging import answer_kinds, answer_links
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import now
from quarterdeck.web.present import approvals as present
from quarterdeck.web.routes import PUBLIC, route
from quarterdeck.web.views.callouts import zone_of

_STATUS = {"bad": 422, "limited": 429, "conflict": 409, "forbidden": 403}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, link_id: str, token: str) -> HttpResponse:
    """A wrong token, an unknown link and somebody who is no longer here look alike."""
    row = answer_links.find(link_id, token)
    doing = answer_links.act_by(row, now()) if row is not None else None
    if row is None or doing is None:
        raise Http404
    if models.IncidentRow.objects.filter(id=row.incident_id, restricted=True).exists():
        # What is restricted is shown to nobody who only holds a link.
        return _sign_in(row)
    person = models.Person.objects.get(id=row.person)
    with timezone.override(zone_of(person.timezone)):
        answer = _page(request, row, doing, person)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _page(request: HttpRequest, row: models.AnswerLink, doing: Act, person: models.Person) -> HttpResponse:
    refused: Refused | None = None
    value, words = request.POST.get("answer", ""), request.POST.get("text", "")
    if request.method == "POST":
        try:
            answer_links.count_try(row.id, doing.at)
            answer_links.use(doing, row.id, lambda now: answer_kinds.answer(doing, now, value, words))
            return redirect(request.path)
        except Refused as no:
            refused = no
    try:
        case = casebook.load(row.incident_id, doing.who)
    except Refused:
        raise Http404 from None
    screen = answer_kinds.show(row, case, doing.at)
    context = _context(case, row, screen, doing) | {
        "refused": refused, "typed": words, "who": person.name, "url": request.path,
    }  # fmt: skip
    if row.used_at is not None:
        status = 200
    elif screen.over:
        status = 410
    else:
        status = 200 if refused is None else _STATUS[refused.kind]
    return render(request, "callouts/answer.html", context, status=status)


def _sign_in(row: models.AnswerLink) -> HttpResponse:
    return redirect("/accounts/login/?" + urlencode({"next": answer_kinds.KINDS[row.kind].page(row)}))


def _context(
    case: casebook.Case, row: models.AnswerLink, screen: answer_kinds.Screen, doing: Act
) -> dict[str, Any]:
    message = screen.message
    found: dict[str, Any] = {"screen": screen, "link": row, "page": answer_kinds.KINDS[row.kind].page(row)}
    if message is not None:
        name = case.directory(doing.at).name
        audience = case.template.audience(message.audience)
        found |= {
            "audience": audience.title if audience else message.audience,
            "drafted": name(message.author),
            "body": sending.public_body(message),
            "next_update": message.next_update_at,
            "signed": f"{name(message.sender_person)}" if message.sender_person else "",
            "steps": present.steps(case, message, doing.at),
        }
    return found


ROUTES = [route("a/<str:link_id>/<str:token>/", by_link, name="answer-link", permission=PUBLIC)]
