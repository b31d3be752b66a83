"""Two people in one war room, side by side: each sees at once what the other does, and one of them commands."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browser import DESK, PHONE, Company, commander_line, visit
from support.patience import SECONDS, answer, follow, leaving, until

pytestmark = pytest.mark.slow
SECOND_CLIENT_SECONDS = 2.0
# Everything that is announced, as a screen reader hears it: the next news takes the place of the last.
HEARD = """() => {
  const region = document.getElementById("announce");
  window.heard = [];
  new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true });
}"""


@pytest.fixture
def side_by_side(company, enter):
    """An incident of Ana's with Ana at a desk and Ben on a phone in it; the parts they never reload are marked."""
    key = company.declare("ana", "Cards are refused", type="availability", services=["checkout"])
    ana = visit(enter("ana", DESK, "light"), f"/incidents/{key}")
    ben = visit(enter("ben", PHONE, "dark"), f"/incidents/{key}")
    ben.evaluate("window.notReloaded = true")
    return key, ana, ben


def send(page: Page, text: str, kind: str) -> None:
    page.locator(".composer").get_by_text(kind, exact=True).click()
    page.get_by_role("textbox", name="Text").fill(text)
    page.get_by_role("button", name="Post").click()


def post(page: Page, text: str, kind: str = "Note") -> None:
    """Written, sent and confirmed: the entry itself may come earlier, by the live refresh."""
    send(page, text, kind)
    expect(page.get_by_role("textbox", name="Text")).to_have_value("")


def change(page: Page, what: str) -> Locator:
    """The dialog of a change, opened by the menu of the header."""
    page.locator("#incident-header summary", has_text="Change").click()
    page.get_by_role("button", name=what).click()
    dialog = page.locator(f"#change-{what.lower()}")
    expect(dialog).to_be_visible()
    return dialog


def role_row(page: Page, title: str):
    """A row of the command panel, unfolded where a phone folds it."""
    fold = page.locator("#command details.rolefold")
    if not fold.get_attribute("open") and fold.locator("summary").is_visible():
        fold.locator("summary").click()
    return page.locator("#command .roles > li").filter(has_text=title)


def shown_after(writer: Page, reader: Page, text: str) -> float:
    """Seconds until the other one reads it, beyond those which this machine takes to show the writer that it is kept."""
    writer.get_by_role("textbox", name="Text").fill(text)
    began = time.monotonic()
    writer.get_by_role("button", name="Post").click()
    expect(writer.get_by_role("textbox", name="Text")).to_have_value("")
    own = time.monotonic() - began
    expect(reader.locator("#timeline")).to_contain_text(text)
    return time.monotonic() - began - own


@pytest.mark.requirement("R-076")
def test_a_note_reaches_the_other_browser_in_two_seconds_and_is_announced(company, side_by_side):
    key, ana, ben = side_by_side
    ben.evaluate(HEARD)
    took = [shown_after(ana, ben, "The pool of the gateway is empty")]
    # The machine may have had something else to do.
    while min(took) > SECOND_CLIENT_SECONDS and len(took) < 3:
        took.append(shown_after(ana, ben, f"The pool of the gateway is empty, {len(took)}"))
    assert min(took) < SECOND_CLIENT_SECONDS
    answer(lambda: ben.evaluate("window.heard.some((text) => text.includes('Ana Ruiz'))"))
    assert ben.evaluate("window.notReloaded") is True
    company.ask("ana", "PUT", f"/incidents/{key}/facts", {"what_we_know": "The pool holds 20."})
    # What is said in minutes may grow in between.
    answer(lambda: caught_up(ben, key) == told_lines(company, key))


def caught_up(page: Page, key: str) -> list[str]:
    """What somebody who joins now reads."""
    visit(page, f"/incidents/{key}").get_by_role("button", name="Catch me up").click()
    dialog = page.get_by_role("dialog", name=re.compile("lines"))
    expect(dialog).to_contain_text("Incident Commander: Ana Ruiz since")
    expect(dialog).to_contain_text("Known: The pool holds 20")
    return dialog.locator("li").all_inner_texts()


def told_lines(company: Company, key: str) -> list[str]:
    told = company.ask("ana", "GET", f"/incidents/{key}/catch-up")["lines"]
    return [line.replace(" UTC", "") for line in told]


def test_both_browsers_and_the_interface_say_the_same_line_of_command(company, side_by_side):
    key, ana, ben = side_by_side
    company.ask(
        "ana", "PUT", f"/incidents/{key}/roles/deputy/holder", {"person": company.people["fay"]["id"]}
    )
    for page in (ana, ben):
        expect(page.locator("#command .lead")).to_contain_text("deputy: Fay Lindqvist")
    told = company.ask("cleo", "GET", f"/incidents/{key}/command")["line"].replace(" UTC", "")
    assert re.fullmatch(r"Incident Commander: Ana Ruiz since \d\d:\d\d; deputy: Fay Lindqvist", told)
    assert commander_line(ana) == commander_line(ben) == told


def test_a_role_taken_on_a_phone_shows_at_the_desk(side_by_side):
    _, ana, ben = side_by_side
    expect(role_row(ana, "Scribe")).to_contain_text("Vacant")
    role_row(ben, "Scribe").get_by_role("button", name="Take").click()
    expect(role_row(ana, "Scribe")).to_contain_text("Ben Okafor")
    expect(ben.locator("#role-card")).to_contain_text("My role: Scribe")


def test_a_task_is_given_in_one_browser_and_ticked_in_the_other(side_by_side):
    key, ana, ben = side_by_side
    post(ana, "@ben 10 Look at the pool", "Task")
    expect(ana.locator("#tasks")).to_contain_text("Look at the pool")
    tick = ben.get_by_role("checkbox", name="Look at the pool")
    expect(tick).to_have_attribute("aria-checked", "false")
    tick.click()
    expect(ana.get_by_role("checkbox", name="Look at the pool")).to_have_attribute("aria-checked", "true")
    visit(ana, f"/incidents/{key}/tasks")
    expect(ana.locator("#main")).to_contain_text("done")


def test_a_decision_and_a_pinned_finding_reach_the_other_browser(side_by_side):
    _, ana, ben = side_by_side
    post(ana, "Roll back or wait?\nRoll back", "Decision")
    expect(ben.locator("#timeline")).to_contain_text("Roll back or wait?")
    post(ben, "The new release leaks connections", "Finding")
    entry = ana.locator(".tl__item").filter(has_text="leaks connections")
    expect(entry).to_have_count(1)
    entry.locator("summary").click()
    entry.get_by_role("button", name="Pin").click()
    expect(ben.locator(".tl__item").filter(has_text="leaks connections")).to_contain_text("Pinned")
    ben.get_by_role("link", name=re.compile("^Pinned")).click()
    expect(ben.locator(".tl__item")).to_have_count(1)


def test_a_phase_that_misses_a_condition_says_which_and_asks_for_a_reason(side_by_side):
    _, ana, ben = side_by_side
    dialog = change(ana, "Phase")
    dialog.get_by_label("Investigating").check()
    dialog.get_by_role("button", name="Change phase").click()
    reason = dialog.get_by_role("textbox", name="Reason")
    expect(reason).to_be_focused()  # the browser asks for it, nothing was sent
    reason.fill("We know what is hurt")
    with leaving(ana):
        dialog.get_by_role("button", name="Change phase").click()
    expect(ana.locator(".gate")).to_contain_text("Before Identified")
    expect(ben.locator("#incident-header")).to_contain_text("Investigating")
    expect(ben.locator("#timeline")).to_contain_text("We know what is hurt")
    gate = ben.locator("details.gate")
    if gate.get_attribute("open") is None:
        gate.locator("summary").click()
    expect(gate).to_contain_text("Record the cause")
    expect(ana.locator(".gate").get_by_role("button", name="Move to Identified")).to_be_disabled()


def test_two_people_never_overwrite_each_others_severity(company, side_by_side):
    key, ana, _ = side_by_side
    company.ask("ana", "PUT", f"/incidents/{key}/severity", {"severity": 1, "reason": "All of Europe"})
    expect(ana.locator("#incident-header")).to_contain_text("SEV1")
    ana.evaluate(
        "document.querySelectorAll('#change-severity input[name=version]').forEach((i) => i.value = '1')"
    )
    dialog = change(ana, "Severity")
    dialog.locator("input[value='4']").check()
    dialog.get_by_role("textbox", name="Reason").fill("It looks small")
    dialog.get_by_role("button", name="Change severity").click()
    expect(ana.locator("#toasts")).to_contain_text("while you were choosing")
    assert company.ask("ana", "GET", f"/incidents/{key}")["severity"] == 1


@pytest.mark.requirement("R-188")
def test_a_whole_incident_is_worked_without_leaving_its_pages(company, enter):
    """Roles, tasks, decisions, facts, alerts, messages, handover chart, severity, checks, phases up to resolved."""
    alert = company.made["alerts"][2]
    key = company.declare("ana", "Disks fill up", type="availability", services=["search"])
    company.ask("ana", "PUT", f"/incidents/{key}/alerts/{alert}")
    ana = enter("ana", DESK)
    left: list[str] = []
    ana.on("framenavigated", lambda f: left.append(f.url) if f"/incidents/{key}" not in f.url else None)
    visit(ana, f"/incidents/{key}")
    left.clear()
    tabs = ana.get_by_role("navigation", name="Incident")

    # roles: a lead that is not needed yet is filled all the same, Ana steps through her own duties
    ana.get_by_role("link", name="Fill another role").click()
    with leaving(ana):
        ana.get_by_role("link", name="Fill Technical Lead").click()
    ana.get_by_label("Who").select_option(company.people["dev"]["id"])
    with leaving(ana):
        ana.get_by_role("button", name="Fill the role").click()
    expect(role_row(ana, "Technical Lead")).to_contain_text("Dev Patel")
    ana.locator("#role-card .tick").first.click()
    expect(ana.locator("#role-card")).to_contain_text("1 of")

    # the record
    post(ana, "Disk of db-3 fills by 2 GB an hour", "Finding")
    expect(ana.locator("#timeline")).to_contain_text("2 GB an hour")
    post(ana, "Clean up or grow?\nClean up", "Decision")
    expect(ana.locator("#timeline")).to_contain_text("Clean up or grow?")
    post(ana, "@dev 15 Remove old segments", "Task")
    expect(ana.locator("#tasks")).to_contain_text("Remove old segments")
    ana.get_by_role("checkbox", name="Remove old segments").click()
    expect(ana.get_by_role("checkbox", name="Remove old segments")).to_have_attribute("aria-checked", "true")

    # facts, alerts, chart
    with leaving(ana):
        ana.locator("#facts").get_by_role("link", name="Edit").click()
    ana.get_by_label("Cause").fill("Old segments are kept")
    ana.get_by_label("What we know now").fill("db-3 is nearly full")
    ana.get_by_label("What customers notice").fill("Search is slow")
    with leaving(ana):
        ana.get_by_role("button", name="Save the facts").click()
    expect(ana.locator("#facts")).to_contain_text("db-3 is nearly full")
    follow(ana, tabs.get_by_role("link", name="Alerts"))
    expect(ana.locator("#main")).to_contain_text("Disk of db-3 will be full in 6 h")
    follow(ana, tabs.get_by_role("link", name="Overview"))
    follow(ana, ana.get_by_role("link", name="Org chart"))
    expect(ana.locator("#main")).to_contain_text("Dev Patel")
    follow(ana, tabs.get_by_role("link", name="Overview"))

    # severity and phases
    dialog = change(ana, "Severity")
    dialog.locator("input[value='2']").check()
    dialog.get_by_role("textbox", name="Reason").fill("Writes will stop")
    follow(ana, dialog.get_by_role("button", name="Change severity"))
    expect(ana.locator("#incident-header")).to_contain_text("SEV2")
    for phase in ("Investigating", "Identified", "Monitoring"):
        dialog = change(ana, "Phase")
        dialog.get_by_label(phase).check()
        dialog.get_by_role("textbox", name="Reason").fill(f"On to {phase.lower()}")
        follow(ana, dialog.get_by_role("button", name="Change phase"))
        expect(ana.locator("#timeline")).to_contain_text(f"On to {phase.lower()}")

    # a message, written, released and sent
    with leaving(ana):
        send(ana, "Old segments fill the disk", "Update")
    ana.wait_for_url("**/communication?*")
    ana.get_by_label("Headline").fill("Search is slow")
    ana.get_by_label("What they notice").fill("Search takes longer than usual.")
    ana.get_by_label("What we are doing").fill("We free space.")
    expect(ana.get_by_label("Further text")).to_have_value(re.compile("Old segments fill the disk"))
    ana.get_by_label("Further text").fill("")
    ana.get_by_label("Next update at").fill(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 1800)))
    follow(ana, ana.get_by_role("button", name="Save the draft"))
    follow(ana, ana.get_by_role("button", name="Release and send"))
    expect(ana.locator("#toasts")).to_contain_text("Released")

    # a check that passes, then the end
    follow(ana, tabs.get_by_role("link", name="Tasks"))
    ana.get_by_label("Region or component").fill("Search in Europe")
    ana.get_by_role("button", name="Plan a check").click()
    ana.get_by_role("button", name=re.compile("Passed.*Search in Europe")).click()
    expect(ana.locator("#main")).to_contain_text("passed")
    follow(ana, tabs.get_by_role("link", name="Overview"))
    ana.locator("#incident-header summary", has_text="Change").click()
    follow(ana, ana.get_by_role("link", name="Resolve"))
    ana.get_by_label("Resolution code").select_option(index=1)
    ana.get_by_label("What ended it").fill("Old segments were removed")
    why = ana.get_by_label("Resolve all the same, because")
    if why.is_visible():
        why.fill("Nothing else hangs on it")
    follow(ana, ana.get_by_role("button", name=f"Resolve {key}"))
    expect(ana.locator("#incident-header")).to_contain_text("resolved")
    expect(ana.locator("#timeline")).to_contain_text("Old segments were removed")
    assert not left
    assert company.ask("ana", "GET", f"/incidents/{key}")["phase"] == "resolved"


def test_a_change_during_a_slow_refresh_is_not_lost(company, side_by_side):
    """The answer under way is older than the second change: the part is fetched once more."""
    key, _, ben = side_by_side
    held: list[object] = []
    ben.route("**/parts/timeline*", lambda route: held.append(route) if not held else route.continue_())
    company.ask("ana", "POST", f"/incidents/{key}/entries", {"kind": "note", "text": "The first change"})
    until(lambda: bool(ben.evaluate("1") and held), SECONDS)  # asking the page lets its requests come in
    answer = held[0].fetch()  # type: ignore[attr-defined]
    second = {"kind": "note", "text": "The second change", "followup": True}
    with ben.expect_response("**/parts/header*"):  # what asks for a follow-up changes it as well
        company.ask("ana", "POST", f"/incidents/{key}/entries", second)
    held[0].fulfill(response=answer)  # type: ignore[attr-defined]
    expect(ben.locator("#timeline")).to_contain_text("The second change")
