"""Two people change one status page, or answer one letter, at the same moment: one after the other, or a plain no.

On SQLite all writers queue up; on PostgreSQL (`--db postgres`) these cross each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from tests.shell.test_concurrent_edits import at_once

from quarterdeck.app.maintenance import maintenance
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import (
    page_editing,
    page_imports,
    page_metrics,
    page_order,
    page_posts,
    page_versions,
    post_templates,
    status_pages,
)
from quarterdeck.app.subscribers import subscribe_letters, subscribe_requests, subscribers
from quarterdeck.core.comms.subscribing import Wishes
from quarterdeck.core.status.posting import Written
from quarterdeck.store import models, tx
from support.world import World

ROUNDS = 3


@pytest.fixture
def world(db: None) -> Iterator[World]:
    w = World()
    for handle in ("ana", "ben", "cleo"):
        w.person(handle, "administrator")
    for key in ("acme", "inner"):
        status_pages.create_page(w.act("ana"), key, key.title(), public=True)
    yield w
    connections.close_all()


def page(key: str = "acme") -> models.StatusPage:
    return models.StatusPage.objects.get(key=key)


def parts(world: World, *names: str, on: str = "acme") -> list[str]:
    return [status_pages.create_component(world.act("ana"), on, name).id for name in names]


def subscriber(**said: object) -> models.Subscriber:
    told = {
        "kind": "email",
        "address": "a@example.com",
        "shown": "a@example.com",
        "asked_at": World().now,
    } | said
    return models.Subscriber.objects.create(page=page(), **told)


def waiting_for(world: World, token: str) -> models.Subscriber:
    until = world.now + timedelta(days=1)
    return subscriber(state="pending", confirm_hash=subscribe_letters.hashed(token), confirm_until=until)


def test_versions_of_a_page_are_counted_while_its_parts_are_changed_by_two(world: World) -> None:
    cards, login = parts(world, "Cards", "Login")
    ana, ben = world.act("ana"), world.act("ben")
    models.PageVersion.objects.all().delete()
    change = status_pages.update_component
    for n in range(1, ROUNDS + 1):
        said = at_once(
            partial(change, ana, cards, hold_down_seconds=n), partial(change, ben, login, hold_down_seconds=n)
        )
        assert said == ["ok", "ok"]
    numbers = models.PageVersion.objects.filter(page=page()).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, 2 * ROUNDS + 2))


def test_whoever_orders_a_page_and_whoever_sets_a_state_on_it_never_wait_for_each_other(world: World) -> None:
    first, second, third = parts(world, "One", "Two", "Three")
    ana, ben = world.act("ana"), world.act("ben")
    for n in range(ROUNDS):
        state = ("partial_outage", "operational")[n % 2]
        ids = [first, second, third][:: 1 if n % 2 else -1]
        assert (
            at_once(
                partial(page_order.put, ana, "acme", [(i, "") for i in ids]),
                partial(status_pages.set_states, ben, dict.fromkeys((first, third), state)),
                partial(status_pages.update_component, ben, second, description=f"The {n}."),
            )
            == ["ok"] * 3
        )


def test_states_over_several_pages_are_set_by_two_at_once(world: World) -> None:
    (here,), (there,) = parts(world, "Here"), parts(world, "There", on="inner")
    for target, shown in (("acme", there), ("inner", here)):
        models.ShownComponent.objects.create(page=page(target), component_id=shown, created_at=world.now)
    ana, ben = world.act("ana"), world.act("ben")
    for n in range(ROUNDS):
        state = ("partial_outage", "operational")[n % 2]
        said = at_once(
            partial(status_pages.set_states, ana, {here: state, there: state}),
            partial(status_pages.set_states, ben, {there: state, here: state}),
        )
        assert said == ["ok", "ok"]
    assert models.ComponentState.objects.filter(component=here).count() == ROUNDS + 1


def test_of_two_edits_from_one_version_one_is_told_what_the_other_changed(world: World) -> None:
    parts(world, "Cards")
    ana, ben, base = world.act("ana"), world.act("ben"), page_versions.versions(page())[0].number
    said = at_once(
        partial(page_editing.put_in_force, ana, "acme", page_editing.Edit({"title": "New"}, base=base)),
        partial(page_versions.roll_back, ben, "acme", 1, "As it was", base),
    )
    assert said == ["ok", "page.changed"]


def test_one_domain_is_given_to_one_page(world: World) -> None:
    edit = page_editing.Edit(brand={"domain": "status.example.com"})
    said = at_once(
        *(partial(page_editing.put_in_force, world.act("ana"), k, edit) for k in ("acme", "inner"))
    )
    assert said == ["ok", "page.domain_taken"]


def test_names_and_keys_are_taken_once(world: World) -> None:
    ana, ben = world.act("ana"), world.act("ben")
    text = ("Short name", "A title", "A text.", "investigating")
    assert at_once(*(partial(post_templates.keep, a, *text) for a in (ana, ben))) == ["ok", "template.name"]
    figure = [partial(page_metrics.create_metric, a, "acme", "speed", "Speed") for a in (ana, ben)]
    assert at_once(*figure) == ["metric.exists", "ok"]
    assert at_once(*(partial(status_pages.create_page, a, "new", "New") for a in (ana, ben))) == [
        "ok",
        "page.exists",
    ]


def test_a_post_sent_twice_at_once_is_one(world: World) -> None:
    said = Written(
        title="Slow",
        body="Pages are slow.",
        status_word="investigating",
        reason="Too small",
        next_update_at=world.now + timedelta(hours=1),
    )
    sent = [partial(page_posts.post, world.act("ana"), "acme", said, token="once") for _ in range(2)]
    assert at_once(*sent) == ["ok", "ok"]
    assert models.PagePost.objects.count() == models.Event.objects.filter(kind="PagePosted").count() == 1


def test_a_link_that_is_followed_twice_at_once_confirms_once(world: World) -> None:
    waiting_for(world, "token")
    found: list[object] = []
    follow = lambda: found.append(subscribers.confirm(page(), "token", world.now))  # noqa: E731
    assert at_once(follow, follow) == ["ok", "ok"]
    assert sorted(f is None for f in found) == [False, True]
    assert models.Event.objects.filter(kind="SubscriberConfirmed").count() == 1


def test_a_link_that_opens_once_opens_once(world: World) -> None:
    until = world.now + timedelta(hours=1)
    subscriber(state="active", manage_hash=subscribe_letters.hashed("token"), manage_until=until)
    found: list[object] = []
    follow = lambda: found.append(subscribers.open_once(page(), "token", world.now))  # noqa: E731
    assert at_once(follow, follow) == ["ok", "ok"]
    assert sorted(f is None for f in found) == [False, True]


def test_an_address_that_asks_twice_at_once_is_one_subscriber(world: World) -> None:
    for ip in ("192.0.2.1", "198.51.100.1"):
        subscribe_requests.subscribe(page(), "email", "new@example.com", Wishes(), ip, world.now)
    asked = list(models.SubscriptionRequest.objects.values_list("id", flat=True))

    def fire(request_id: str) -> None:
        with tx.write("engine"):
            subscribe_requests.fire(request_id, Directory(world.now))

    assert at_once(*(partial(fire, i) for i in asked)) == ["ok", "ok"]
    assert models.Subscriber.objects.get().state == "pending"
    by_hand = [
        partial(subscribers.add, world.act(h), "acme", "email", "b@example.com", "by mail")
        for h in ("ana", "ben")
    ]
    assert at_once(*by_hand) == ["ok", "subscriber.exists"]


def test_an_import_that_two_take_at_once_comes_in_once(world: World) -> None:
    document = {
        "components": [{"id": "c1", "name": "API", "status": "operational", "position": 1}],
        "incidents": [
            {"id": "i1", "name": "Down", "status": "resolved", "impact": "major", "created_at": "2026-01-02T03:00:00Z",
             "incident_updates": [{"id": "u1", "status": "resolved", "body": "Over.", "created_at": "2026-01-02T04:00:00Z"}]},
        ],
    }  # fmt: skip
    row = page_imports.begin(world.act("ana"), "acme", "statuspage", "x.json", json.dumps(document).encode())
    said = at_once(*(partial(page_imports.take, world.act(h), row.id) for h in ("ana", "ben")))
    assert said == ["import.over", "ok"]
    assert (page().components.count(), models.PagePost.objects.count()) == (1, 1)
    assert models.Event.objects.filter(kind="PageImported").count() == 1


def test_a_maintenance_that_two_approve_at_once_is_approved_once(world: World) -> None:
    (login,) = parts(world, "Login")
    starts = world.now + timedelta(hours=48)
    draft = Draft(
        title="Upgrade", starts_at=starts, ends_at=starts + timedelta(hours=1), pages=["acme"],
        components={login: "under_maintenance"},
    )  # fmt: skip
    row = maintenance.plan(world.act("ana"), draft)[0]
    maintenance.propose(world.act("ana"), row.id)
    assert at_once(*(partial(maintenance.approve, world.act(h), row.id) for h in ("ben", "cleo"))) == [
        "ok",
        "ok",
    ]
    assert models.MaintenanceEntry.objects.filter(window=row, kind="approved").count() == 1
