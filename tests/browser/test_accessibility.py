"""Every main page at a desk and on a phone, light and dark: axe finds nothing, the console is quiet, nothing hangs over."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, NARROW, PHONE, RULES, faults, in_minutes, monday_ahead, overhang

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
pytestmark = pytest.mark.slow
MONDAY, NEXT = monday_ahead(6), monday_ahead(7)
# {open} an incident under way, {over} one that is over; see support.browser_company.
PAGES = {
    "now": "/",
    "incidents": "/incidents",
    "war room": "/incidents/{open}",
    "communication": "/incidents/{open}/communication",
    "new message": "/incidents/{open}/communication?draft=1&audience=customers_all",
    "clocks and statements": "/incidents/{open}/statements",
    "affected customers": "/incidents/{open}/affected",
    "tasks": "/incidents/{open}/tasks",
    "technical": "/incidents/{open}/technical",
    "alerts of it": "/incidents/{open}/alerts",
    "facts": "/incidents/{open}/facts",
    "fill a role": "/incidents/{open}/fill/scribe",
    "handover": "/incidents/{open}/handover",
    "org chart": "/incidents/{open}/chart",
    "resolve": "/incidents/{open}/resolve",
    "over": "/incidents/{over}",
    "record of it": "/incidents/{open}/record",
    "replay": "/incidents/{open}/at",
    "people of it": "/incidents/{open}/crew",
    "check in": "/incidents/{open}/check-in",
    "agencies of it": "/incidents/{open}/agencies",
    "forms of it": "/incidents/{open}/ics",
    "all open incidents": "/incidents/board",
    "drills": "/drills",
    "plan a drill": "/drills/new",
    "plan of drills": "/drill-plans/new",
    "scenarios": "/drills/library",
    "declare": "/declare?service=checkout&impact=high&urgency=high",
    "alerts": "/alerts",
    "alert": "/alerts/{alert}",
    "silences": "/alerts/silences",
    "maintenance": "/maintenance",
    "a maintenance": "/maintenance/{maintenance}",
    "plan a maintenance": "/maintenance/new",
    "on-call": "/on-call",
    "my on-call": "/on-call/mine",
    "who is on call": "/on-call/who",
    "coverage": "/on-call/coverage",
    "competence": "/on-call/competence",
    "handoff": "/on-call/handoff/platform-primary",
    "fairness": "/on-call/fairness?span=ahead",
    "changes of a schedule": "/on-call/schedules/platform-primary/history",
    "swap a shift": f"/on-call/swaps/new?schedule=platform-primary&start={MONDAY}T09:00:00Z&end={NEXT}T09:00:00Z",
    "layers": "/on-call/schedules/platform-primary/edit",
    "four weeks": "/on-call/schedules/platform-primary?span=4w",
    "month": "/on-call/schedules/platform-primary?span=month",
    "a shift that was chosen": f"/on-call/schedules/platform-primary?from={MONDAY}T09:00:00Z&to={NEXT}T09:00:00Z",
    "subscribe": "/on-call/calendars",
    "import a calendar": "/on-call/schedules/platform-primary/import",
    "fixed shifts": "/on-call/schedules/platform-primary/fixed/new",
    "pay rules": "/on-call/pay",
    "new layer": "/on-call/schedules/platform-primary/layers/new",
    "new schedule": "/on-call/new",
    "policies": "/on-call/policies",
    "policy": "/on-call/policies/default",
    "new policy": "/on-call/policies/new",
    "texts and calls": "/settings/paid",
    "page someone": "/page",
    "page a commander": "/page/commander",
    "my pages": "/notifications",
    "callout": "/callouts/{callout}",
    "status pages": "/status-pages",
    "status page": "/status-pages/{page}",
    "reviews": "/reviews",
    "review": "/reviews/{over}",
    "strategic review": "/reviews/{over}/strategic",
    "report": "/reviews/{over}/report",
    "risks": "/prevention",
    "matrix of risks": "/prevention?view=matrix",
    "new risk": "/prevention/risks/new?service=checkout",
    "preventive work": "/prevention/tasks",
    "preventive calendar": "/prevention/calendar",
    "overdue": "/prevention/overdue",
    "process reviews": "/prevention/process",
    "notices": "/notices",
    "announce a change": "/notices/new",
    "training": "/knowledge/training",
    "insights": "/insights",
    "drills compared": "/insights/drills",
    "targets": "/insights/targets",
    "what helps": "/insights/response",
    "reports by mail": "/insights/reports",
    "weekly on-call review": "/insights/packs/on_call",
    "my record": "/insights/mine",
    "services": "/catalog/services",
    "service": "/catalog/services/checkout",
    "change a service": "/catalog/services/checkout/edit",
    "teams": "/catalog/teams",
    "team": "/catalog/teams/platform",
    "people": "/catalog/people",
    "change a person": "/catalog/people/{person}/edit",
    "person": "/catalog/people/{person}",
    "integrations": "/catalog/integrations",
    "integration": "/catalog/integrations/{integration}",
    "new integration": "/catalog/integrations/new",
    "audiences": "/catalog/audiences",
    "contacts of an audience": "/catalog/audiences?audience=customers_all",
    "suppressed addresses": "/catalog/audiences/suppressed",
    "settings": "/settings",
    "incident types": "/settings/types",
    "chat channels": "/settings/chat",
    "my settings": "/settings/me",
    "my devices": "/settings/devices",
    "what was removed": "/settings/removed",
    "health": "/settings/health",
    "automation": "/settings/automation",
    "a new rule": "/settings/automation/new",
    "runs of rules": "/settings/automation/runs",
    "structures": "/settings/structures",
    "structure": "/settings/structures/templates/software",
    "structure editor": "/settings/structures/edit?file=roles/software/commander.toml",
    "message text editor": "/settings/structures/edit?file=messages/software/staff.toml",
    "import structures": "/settings/structures/import",
    "glossary": "/glossary",
    "retention": "/settings/retention",
    "business parts": "/incidents/{open}/business",
    "asks of executives": "/incidents/{open}/leadership",
    "what executives answer": "/briefs/{open}/asks",
    "business response": "/incidents/{open}/response",
    "another structure": "/incidents/{open}/structure?to=ics",
    "patterns": "/patterns",
    "problems": "/problems",
    "knowledge": "/knowledge",
    "inquiries": "/inquiries",
    "new inquiry": "/inquiries/new",
    "what support says": "/support/{open}",
    "staff questions": "/questions",
    "customers": "/incidents/{open}/customers",
    "satisfaction": "/insights/satisfaction",
    "new article": "/knowledge/new",
    "report a problem": "/report",
    "reports": "/reports",
    "keys": "/settings/keys",
    "audit": "/settings/audit",
    "search": "/search?q=checkout",
    "sessions": "/accounts/sessions/",
    "two factors": "/accounts/2fa/",
}
OUTSIDE = {
    "sign in": "/accounts/login/",
    "public page": "/status/{page}/",
    "public history": "/status/{page}/history/",
    "subscribing": "/subscribe/{page}?lang=ar",
}
COLOURS = ("color-contrast", "link-in-text-block")
SIZES = ("target-size",)


def inspected(page: Page, where: str) -> list[str]:
    """What is wrong with the page as it stands, at both sizes and in both themes. `make soak` looks at 320 px as well,
    and at the colours of each theme at each size.
    """
    found = []
    looks = [(DESK, "light", COLOURS), (PHONE, "dark", RULES)]
    further = [
        (NARROW, "light", SIZES),
        (DESK, "light", RULES),
        (DESK, "dark", COLOURS),
        (PHONE, "light", COLOURS),
    ]
    for size, scheme, rules in looks + (further if SOAK else []):
        shown(page, size, scheme)
        about = f"{where} {size['width']} {scheme}"
        found += [f"{about}: too wide: {text}" for text in overhang(page)]
        found += [f"{about}: {text}" for text in faults(page, rules)]
    return found


def shown(page: Page, size: dict[str, int], scheme: str) -> None:
    """In this size and theme, and as high as the page is: the bar at the foot of a phone then covers nothing."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    if size is not DESK:
        high = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": min(high, 8000)})


@pytest.mark.parametrize("name", PAGES)
def test_a_page_meets_wcag_at_both_sizes_and_in_both_themes(company, enter, name):
    made = company.made
    path = PAGES[name].format(
        open=made["open"], over=made["over"], alert=made["alerts"][0], callout=made["callout"], page=made["page"],
        person=company.people["ben"]["id"], integration=made["integration"],
        maintenance=made["maintenance"],
    )  # fmt: skip
    page = enter("ana")
    answer = page.goto(path)
    assert answer is not None and answer.status == 200
    page.wait_for_load_state("load")
    assert not inspected(page, name)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_page_without_a_login_meets_wcag_at_both_sizes_and_in_both_themes(company, enter, name):
    page = enter("")
    answer = page.goto(OUTSIDE[name].format(page=company.made["page"]))
    assert answer is not None and answer.status == 200
    assert not inspected(page, name)


@pytest.mark.parametrize("name", ["answer a task", "lend a name", "end a digest"])
def test_what_is_answered_without_a_login_meets_wcag(company, enter, name):
    page = enter("")
    answer = page.goto(company.made["links"][name])
    assert answer is not None and answer.status == 200
    assert not inspected(page, name)


def test_the_page_behind_the_link_of_a_message_meets_wcag(company, enter):
    page = enter("")
    page.goto(company.callout_link(company.made["callout"]))
    assert not inspected(page, "acknowledge")


def test_the_brief_of_an_executive_meets_wcag_and_has_no_act_that_steers(company, enter):
    page = enter("eva")
    page.goto("/")
    expect(page.locator("#main")).to_contain_text("Payments fail at checkout")
    expect(page.locator("#main form[method=post]")).to_have_count(0)
    assert not inspected(page, "brief")
    page.goto(f"/briefs/{company.open}")
    page.get_by_role("button", name="Do you wish to take command?").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert not inspected(page, "executive-command")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).not_to_be_visible()
    assert not inspected(page, "executive")


def test_open_dialogs_and_menus_meet_wcag(company, enter):
    page = enter("ana")
    page.goto(f"/incidents/{company.open}")
    for dialog in (
        "catch-up",
        "change-severity",
        "change-phase",
        "change-type",
        "change-impact",
        "keys-help",
        "palette",
        "signin",
    ):
        page.evaluate("(id) => document.getElementById(id).showModal()", dialog)
        assert not inspected(page, dialog)
        page.evaluate("(id) => document.getElementById(id).close()", dialog)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.locator("summary", has_text="Change").click()
    expect(page.locator(".menu[open]")).to_have_count(1)
    assert not faults(page, within=".menu[open]")
    # What lies half under an open menu is no target as long as it is open; without it the page was looked at above.
    assert not [fault for fault in faults(page) if not fault.startswith("target-size")]


def test_the_page_of_emergency_mode_meets_wcag_at_both_sizes_and_in_both_themes(company, enter):
    """An incident of its own, restricted, so that nobody else here sees it."""
    incident = company.declare("fay", "Ferries stand still", severity=1, restricted=True, template="business")
    at, soon = f"/incidents/{incident}", f"{in_minutes(20)}:00Z"
    asked = (
        ("PUT", "/switches/paid_ads/halt", {"eta_at": soon}),
        ("PUT", "/switches/paid_ads/halted", {"evidence": "The account of every network shows paused since 14:02"}),
        ("PUT", "/switches/scheduled_posts/halt", {"eta_at": soon}),
        ("PUT", "/switches/web_promotions/excuse", {"reason": "None runs before spring"}),
        ("PUT", "/roles/marketing_officer/holder", {"person": company.people["dev"]["id"]}),
        ("PUT", "/areas/social_officer", {"state": "affected", "text": "Two of five people are here"}),
        ("POST", "/area-rounds", {}),
        ("POST", "/sentiment", {"channel": "Mastodon", "level": 0, "volume": 12, "next_minutes": 30}),
        ("POST", "/sentiment", {"channel": "Mastodon", "level": -2, "volume": 640, "posts": "Closed again. Again!"}),
        ("PUT", "/customer-talks/capacity", {"weekly": 1}),
        ("POST", "/customer-talks", {"customer": "Halden Ferries", "note": "Their board asks"}),
        ("POST", "/customer-talks", {"customer": "Nordic Rail"}),
    )  # fmt: skip
    for method, path, body in asked:
        company.ask("fay", method, at + path, body)
    page = enter("fay")
    for path in (f"{at}/emergency", f"{at}/business", at):
        answer = page.goto(path)
        assert answer is not None and answer.status == 200
        page.wait_for_load_state("load")
        if path.endswith("emergency"):
            page.locator("details.fold").evaluate_all("all => all.slice(0, 12).forEach(e => e.open = true)")
        assert not inspected(page, path)
    expect(page.locator("#incident-header")).to_contain_text("Emergency mode: 1 of 5 halted")
