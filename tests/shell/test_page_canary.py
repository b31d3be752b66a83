"""Nothing internal reaches a published file: every text of the store that is not on the list of public ones is replaced
by a mark of its own, and no mark may be found in anything that is published.

A column that is new is internal until it is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from zlib import crc32

from django.apps import apps
from django.db import connection
from django.db import models as orm
from django.db.models.functions import Cast, Concat, Right

from quarterdeck.app.comms.messages import draft
from quarterdeck.app.status import component_rules, page_posts, page_words, publishing, status_pages
from quarterdeck.channels import status_site
from quarterdeck.core.incidents import Content
from quarterdeck.core.status.posting import Written
from quarterdeck.store import models
from support.reviewed import organisation, reviewed
from support.world import World

# What may be read by everybody, table by table.
PUBLIC = {
    "status_page": {"key", "title", "description", "timezone", "support_url"},
    "component": {"group", "name", "description", "state"},
    "component_state": {"state"},
    "page_update": {"incident_id", "message_id", "page", "status_word", "body", "components"},
    "page_post": {
        "incident_ref", "kind", "title", "status_word", "body", "language", "components", "impact", "corrects",
    },
    "post_words": {"post_id", "language", "title", "body"},
}  # fmt: skip
# Of a message only the headline is read, and only of those that went onto a page.
MESSAGE = {"id", "headline", "corrects"}
# Written once and never again: the database lets nobody change them. Nothing published is made from them.
SEALED = {"event", "attempt"}
SHORTEST = 20


def mark(table: str, column: str) -> str:
    return f"zq{crc32(f'{table}.{column}'.encode()):08x}"


def poisoned() -> dict[str, str]:
    """Put a mark into every text that is not public; says where each stands."""
    marks: dict[str, str] = {}
    for model in apps.get_app_config("store").get_models():
        table = model._meta.db_table
        if table in SEALED or not model._default_manager.exists():
            continue
        once = {n for c in model._meta.constraints for n in getattr(c, "fields", ())}
        wanted = {
            f.name: _value(f, table, f.name in once)
            for f in model._meta.concrete_fields
            if _internal(f, table)
        }
        rows = model._default_manager.all()
        if table == "message":
            told = models.PageUpdateRow.objects.values("message_id")
            rows.exclude(id__in=told).update(headline=mark(table, "headline"))
            marks[mark(table, "headline")] = "message.headline of a draft"
        if wanted:
            rows.update(**wanted)
            marks |= {mark(table, name): f"{table}.{name}" for name in wanted}
    return marks


def _internal(field: orm.Field, table: str) -> bool:
    texts = isinstance(field, orm.CharField | orm.TextField) and not field.is_relation
    long = (field.max_length or SHORTEST) >= SHORTEST
    public = MESSAGE if table == "message" else PUBLIC.get(table, set())
    return texts and long and not field.primary_key and not field.unique and field.name not in public


def _value(field: orm.Field, table: str, once: bool) -> object:
    said = mark(table, field.name)
    if once:
        return Concat(orm.Value(said), Right(Cast("pk", orm.CharField()), 8))
    return {said: said} if type(field).__name__ == "JsonText" else said


def company() -> World:
    """A whole incident with its review, drafts, another audience, posts, words, proposals and reasons."""
    world = organisation(World())
    incident = reviewed(world)
    page, component = models.StatusPage.objects.get(), models.Component.objects.get()
    component.services.add(models.Service.objects.get(key="checkout"))
    act = world.act("ana")
    for audience in ("customers_all", "support"):
        draft(act, incident, Content(audience, "Nobody outside reads this", final=True, pages=(page.id,)))
    status_pages.set_state(act, component.id, "partial_outage", "db-prod-03 is full")
    with connection.cursor():
        models.Component.objects.update(proposed="major_outage", proposed_reason="An alert of db-prod-03")
    assert component_rules.pending()
    said = Written(
        "Some cards fail.",
        "Cards fail",
        reason="Ben says it is theirs",
        next_update_at=world.now + timedelta(hours=1),
    )
    first = page_posts.post(act, "shop", said)
    fixed = Written("Not all cards.", kind="correction", corrects=first.id)
    page_posts.post(act, "shop", fixed, ref=first.incident_ref)
    page_words.translate(act, "shop", first.id, "de", "Karten", "Karten gehen nicht.")
    ago = world.now - timedelta(days=1)
    past = Written("It was.", "Mail was late", reason="x", started_at=ago, ended_at=ago + timedelta(hours=1))
    page_posts.post(act, "shop", past)
    return world


def inner() -> list[str]:
    """Words of people, drafts, reasons, hosts and the incident's own title, as `company` has them."""
    people = [p for row in models.Person.objects.values_list("email", "id") for p in row]
    said = ["Checkout fails", "Cards are refused at checkout.", "Nobody outside reads this", "db-prod-03", "theirs",
            "The pool is empty", "Roll back 4.2", "A limit of 20 connections"]  # fmt: skip
    return [*said, *people]


def _whole(files: Mapping[str, bytes]) -> str:
    """Everything that is published, once."""
    plain = (c for n, c in files.items() if not n.endswith((".gz", ".br")))
    return b"\n".join(plain).decode("utf-8", "replace")


def test_nothing_that_is_not_public_is_in_any_published_file(db: None) -> None:
    world = company()
    page = models.StatusPage.objects.get()
    before = status_site.render(publishing.page_snapshot(page, world.now), publishing.site_settings(page))
    assert [word for word in inner() if word in _whole(before)] == []
    marks = poisoned()
    assert len(marks) > 200
    assert {"incident.title", "person.name", "message.body", "message.headline of a draft", "page_post.posted_by",
            "component.proposed_reason", "component_state.reason", "page_post.source"} <= set(marks.values())  # fmt: skip
    page = models.StatusPage.objects.get()
    files = status_site.render(publishing.page_snapshot(page, world.now), publishing.site_settings(page))
    whole = _whole(files)
    assert [where for said, where in marks.items() if said in whole] == []
    for said in ("Payments fail", "Cards fail", "Not all cards.", "Mail was late"):
        assert said in whole, "what is public is there"
    assert files.keys() == before.keys()
    assert all(files[n] == before[n] for n in files), "the same bytes: nothing internal has a part in them"
