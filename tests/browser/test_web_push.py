"""A real browser shows a page by its service worker, acknowledges it there, and keeps an answer made offline.

The push services of the makers of browsers are out of reach here, so the decrypted payload is handed to the worker
through the browser's own debugging door (`ServiceWorker.deliverPushMessage`); all behind it is real.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from quarterdeck.channels import web_push
from quarterdeck.channels.outcome import Outgoing
from support.browser import DESK, PHONE, faults, launched, overhang, visit
from support.patience import SECONDS, answer, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    yield from launched("browser")


class Device:
    """Somebody's browser with the service worker at work, and what is pushed to it."""

    def __init__(self, page: Page, url: str, worker: str = "/service-worker.js", scope: str = "/") -> None:
        self.page, self._url = page, url
        page.context.grant_permissions(["notifications"])
        self._door = page.context.new_cdp_session(page)
        self._known: list[dict[str, Any]] = []
        self._door.on(
            "ServiceWorker.workerRegistrationUpdated", lambda told: self._known.extend(told["registrations"])
        )
        self._door.send("ServiceWorker.enable")
        page.evaluate(
            """async ([worker, scope]) => {
              await navigator.serviceWorker.register(worker, { scope });
              const { active } = await navigator.serviceWorker.ready;
              // What is delivered before this is lost.
              while (active.state !== "activated") {
                await new Promise((changed) => active.addEventListener("statechange", changed, { once: true }));
              }
            }""",
            [worker, scope],
        )
        end = time.monotonic() + SECONDS
        while not self._known:
            assert time.monotonic() < end, "the worker is registered"
            page.wait_for_timeout(20)

    def push(self, payload: dict[str, Any]) -> None:
        told = {
            "origin": self._url,
            "registrationId": self._known[-1]["registrationId"],
            "data": json.dumps(payload),
        }
        before = self.shown()
        # On a busy machine this door loses one now and then, as a push service does not. The same again does no harm.
        for _ in range(3):
            self._door.send("ServiceWorker.deliverPushMessage", told)
            end = time.monotonic() + SECONDS / 2
            while time.monotonic() < end:
                if self.shown() != before:
                    return
                self.page.wait_for_timeout(50)

    def shown(self) -> list[dict[str, Any]]:
        """The notifications that stand now."""
        return self.page.evaluate(
            """async () => (await (await navigator.serviceWorker.ready).getNotifications())
                 .map((n) => ({ title: n.title, body: n.body, tag: n.tag, actions: n.actions.map((a) => a.action) }))"""
        )

    def titles(self) -> list[str]:
        return [n["title"] for n in self.shown()]

    def press(self, action: str) -> None:
        """A press on the notification. A test cannot press what the system draws, so the worker is told of one."""
        worker = answer(lambda: self.page.context.service_workers)[0]
        worker.evaluate(
            """async (action) => {
              const [notification] = await self.registration.getNotifications();
              self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
            }""",
            action,
        )


@pytest.fixture
def device(company, enter):
    enter.forgive("Failed to load resource", "ERR_INTERNET_DISCONNECTED", "htmx:")
    return Device(visit(enter("dev", PHONE), "/notifications"), company.url)


def page_for(company, handle: str, subject: str) -> tuple[str, dict[str, Any]]:
    """A page that waits for somebody, and the very payload that the channel would have encrypted for their device."""
    who = {"people": [company.people[handle]["id"]], "subject": subject, "reason": "It is full."}
    made = company.ask("ben", "POST", "/callouts", who)
    callout = str(made["items"][0]["id"])
    link = company.callout_link(callout)
    return callout, web_push.render(
        Outgoing(key=callout, to="x", subject=f"[Page] {subject}", text="It is full.", link=link)
    )


def state(company, callout: str) -> str:
    return str(company.ask("ben", "GET", f"/callouts/{callout}")["state"])


def test_a_push_is_shown_and_acknowledged_in_the_notification(company, device):
    callout, payload = page_for(company, "dev", "Store is full")
    device.push(payload)
    until(lambda: device.titles() == ["[Page] Store is full"], SECONDS)
    (shown,) = device.shown()
    assert "It is full." in shown["body"]
    assert shown["actions"] == ["acknowledge", "open"]
    assert state(company, callout) == "waiting", "showing it answers nothing"
    device.press("acknowledge")
    until(lambda: state(company, callout) == "acknowledged", SECONDS)
    until(lambda: device.titles() == ["Acknowledged"], SECONDS)


def test_an_answer_made_offline_waits_and_is_sent_when_there_is_a_connection(company, device):
    callout, payload = page_for(company, "dev", "Disk is full")
    device.push(payload)
    until(lambda: "[Page] Disk is full" in device.titles(), SECONDS)
    device.page.context.set_offline(True)
    device.press("acknowledge")
    until(lambda: "Not sent yet" in device.titles(), SECONDS)
    assert "No connection" in device.shown()[-1]["body"]
    assert state(company, callout) == "waiting"
    device.page.context.set_offline(False)
    until(lambda: state(company, callout) == "acknowledged", SECONDS)
    until(lambda: "Not sent yet" not in device.titles() and "Acknowledged" in device.titles(), SECONDS)


def test_an_answer_that_waited_too_long_says_who_was_faster(company, device):
    callout, payload = page_for(company, "dev", "Cache is cold")
    device.push(payload)
    until(lambda: "[Page] Cache is cold" in device.titles(), SECONDS)
    device.page.context.set_offline(True)
    device.press("acknowledge")
    until(lambda: "Not sent yet" in device.titles(), SECONDS)
    company.installation.ask(
        "support.push_company:call_off", callout=callout, note="Ben Okafor acknowledged."
    )
    device.page.context.set_offline(False)
    until(lambda: "Too late" in device.titles(), SECONDS)
    (told,) = [n for n in device.shown() if n["title"] == "Too late"]
    assert "Ben Okafor acknowledged." in told["body"]


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_the_page_of_ones_devices_fits_and_says_what_stands_in_the_way(company, enter, size, scheme):
    """The maker's push service cannot be reached from here: the page says so, and adds nothing."""
    enter.forgive("incognito mode")
    page = enter("fay", size, scheme)
    page.context.grant_permissions(["notifications"])
    visit(page, "/settings/devices")
    expect(page.get_by_role("main")).to_contain_text("No device shows your pages")
    page.get_by_role("button", name="Get pages on this device").click()
    expect(page.get_by_role("alert").filter(has_text="did not switch pages on")).to_be_visible()
    assert not overhang(page)
    assert not faults(page)


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_devices_in_order_and_gone_are_told_apart_on_every_screen(company, enter, size, scheme):
    company.installation.ask("support.push_company:own_devices", person=company.people["gus"]["id"])
    page = visit(enter("gus", size, scheme), "/settings/devices")
    gone = page.get_by_role("listitem").filter(has_text="Old tablet")
    expect(gone).to_contain_text("can be reached no more")
    expect(gone.get_by_role("button", name="Test")).to_have_count(0)
    gone.get_by_text("Rename").click()
    gone.get_by_label("Called").fill("Kitchen")
    assert not overhang(page)
    assert not faults(page)


def test_the_worker_of_a_status_page_posts_back_what_proves_that_it_can_read(company, enter):
    inside = company.installation
    waits = inside.ask("support.push_company:browser_that_waits", token="t0ken")
    home = f"/subscribe/{waits['page']}"
    page = enter("dev", PHONE)
    page.goto(f"{company.url}{home}")
    device = Device(page, company.url, "/subscribe-worker.js", "/subscribe/")
    for proof in ({"to": "/api/v1/people", "token": "t0ken"}, {"to": f"{home}/push/proof", "token": "t0ken"}):
        assert inside.ask("support.push_company:subscribed", subscriber=waits["id"]) == "pending"
        device.push({"title": "You get updates", "id": proof["to"], "proof": proof})
        until(lambda n=proof["to"]: n in [s["tag"] for s in device.shown()], SECONDS)
    until(lambda: inside.ask("support.push_company:subscribed", subscriber=waits["id"]) == "active", SECONDS)
