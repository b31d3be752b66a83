"""The REST interface put together: its nouns, its refusals, its description, and the routes Django serves."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, re_path
from ninja import NinjaAPI
from ninja.schema import NinjaGenerateJsonSchema

from quarterdeck import __version__

from .body import StrictJson
from .doors import LOGIN, Request
from .operations import ROUTER, Noun, require_all_declared
from .problems import Problem, install, nowhere, wrong_method

PREFIX = "api/v1/"
NOUNS = (
    "alerts", "silences", "callouts", "incidents", "assessments", "phases", "command", "roles", "handovers", "tasks",
    "checks", "record", "messages", "incident_alerts", "reviews", "oncall", "schedules", "layers", "swaps", "absences",
    "services", "teams", "people", "integrations", "keys", "catalogue", "status_pages", "audiences", "health", "engine",
    "calendars", "policies", "passing", "quiet_hours", "digests", "competence", "handoff", "rehearsals", "removals",
    "ics",
    "paid_sends", "devices", "ics_resources", "ics_forms", "crew", "workstreams", "relations", "guests",
    "files", "structures", "debriefs", "contributions", "knowledge", "keeping", "ics_sections", "ics_ratings",
    "recurrence", "remediations", "technical", "decisions", "changes", "task_words", "money",
    "resource_requests", "vendors", "regulatory", "continuity", "reports", "deviations", "causes",
    "problem_records", "standing_channels", "approvals", "message_steps", "message_consents", "drills", "drill_plans",
    "agencies", "telling",
    "drill_scores", "risks", "prevention", "process_reviews", "notices", "automation", "incident_channel",
    "targets", "tickets", "report_plans", "scorecards", "suppressions", "contact_imports", "page_imports", "mailings",
    "page_invitations",
    "page_posts",
    "emergency", "privileged", "customer_feedback", "inquiries", "support_view", "executives", "boundary",
    "interruptions", "help_requests", "decision_requests", "executive_briefings", "severe", "maintenance",
    "business_response", "executive_liaison", "executive_workstreams", "executive_review", "executive_duty",
    "subscribers",
    "page_access",
    "publish_targets",
    "page_editor",
    "page_metrics",
    "executive_quiz",
    "page_removal",
)  # fmt: skip


def build() -> NinjaAPI:
    """The interface with every noun. Raises ImproperlyConfigured when an operation declares no permission."""
    for noun in NOUNS:
        importlib.import_module(f"{__package__}.{noun}")
    api = NinjaAPI(
        title="Quarterdeck",
        version="1",
        description="Alerts, incidents, paging, on-call and status pages. Errors have one form; lists come in pages.",
        openapi_url=None,
        docs_url=None,
        parser=StrictJson(),
        default_router=ROUTER,
        urls_namespace="api",
        openapi_extra={"info": {"license": {"name": "Apache-2.0"}, "x-release": __version__}},
    )
    install(api)
    require_all_declared(api)
    return api


def routes(api: NinjaAPI) -> list[URLPattern]:
    """Every operation as a Django route below /api/v1/, and one for what is nowhere."""
    found, _, _ = api.urls
    kept = [
        URLPattern(p.pattern, answered(p.callback), p.default_args, p.name)
        for p in found
        if isinstance(p, URLPattern) and p.name != "api-root"
    ]
    lost = re_path(r"^", answered(lambda request, *args, **kwargs: nowhere()), name="api-nowhere")
    return [*kept, lost]


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """HEAD as GET, a wrong method in the form of every refusal, and nothing kept in caches."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"
        answer = view(request, *args, **kwargs)
        if answer.status_code == 405:
            answer = wrong_method(answer.get("Allow", ""))
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    # Cookies are taken by the session door only, which checks the form token itself.
    inner.csrf_exempt = True  # type: ignore[attr-defined]
    return inner


_DOCUMENT = Noun("Interface", "/openapi.json")


@_DOCUMENT.get("", LOGIN, dict[str, Any])
def openapi(request: Request) -> HttpResponse:
    """This description."""
    return JsonResponse(document())


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 description of what is served."""
    from .urls import API

    described: dict[str, Any] = API.get_openapi_schema(path_prefix="/" + PREFIX)
    refusal = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}",
        schema_generator=NinjaGenerateJsonSchema,
        mode="serialization",
    )
    described["components"]["schemas"] |= refusal.pop("$defs") | {"Problem": refusal}
    return described
