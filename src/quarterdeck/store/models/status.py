"""Status pages, their components, and the contacts of each audience."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .services import Service


class _StandingManager(models.Manager["StatusPage"]):
    def get_queryset(self) -> models.QuerySet[StatusPage]:
        return super().get_queryset().filter(deleted_at=None)


class StatusPage(models.Model):
    """Of a page that was deleted the row stays, without its key (`DeletedPage`): `objects` does not know it."""

    id = key(default=new_id, editable=False)
    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    timezone = models.CharField(max_length=60, default="UTC")
    support_url = models.CharField(max_length=2000, blank=True)
    public = models.BooleanField(default=True)
    created_at = MomentField()
    # Raised by every change of what the page shows; the engine publishes until `published` reaches it.
    revision = models.IntegerField(default=1)
    published = models.IntegerField(default=0)
    published_at = MomentField(null=True)
    deleted_at = MomentField(null=True)

    objects = _StandingManager()
    everything = models.Manager()

    class Meta:
        db_table = "status_page"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Component(models.Model):
    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="components")
    group = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    position = models.IntegerField(default=0)
    state = models.CharField(max_length=30, default="operational")
    services = models.ManyToManyField(Service, related_name="components", db_table="component_service")
    # What the alerts of its services may do: nothing, propose a state to a person, or publish it.
    rule = models.CharField(max_length=10, default="propose")  # off | propose | publish
    hold_down_seconds = models.IntegerField(default=600)
    by_rule = models.BooleanField(default=False)
    proposed = models.CharField(max_length=30, blank=True)
    proposed_reason = models.CharField(max_length=300, blank=True)
    proposed_at = MomentField(null=True)
    dismissed = models.CharField(max_length=30, blank=True)
    # What it is a part of, what it needs, and what it is called in other languages.
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="parts")
    depends_on = models.ManyToManyField(
        "self", symmetrical=False, related_name="needed_by", db_table="component_need"
    )
    names = JsonText(default=dict, db_default={})  # language to name
    created_at = MomentField()
    updated_at = MomentField()

    class Meta:
        db_table = "component"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ComponentState(models.Model):
    """A component went into a state at an instant. The 90 daily bars are folded from these."""

    id = models.BigAutoField(primary_key=True)
    component = models.ForeignKey(Component, models.CASCADE, related_name="states")
    state = models.CharField(max_length=30)
    at = MomentField()
    actor = ref(default="")
    incident_id = ref(default="")
    reason = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "component_state"
        indexes = [models.Index(fields=["component", "at"], name="component_state_at")]


class PagePost(models.Model):
    """A post on a page that is no message of an incident: maintenance, what was entered later, what was imported.

    Nothing is edited: a correction is a post of its own. `incident_ref` is the public id of what it is about.
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="posts")
    incident_ref = ref(db_index=True)
    kind = models.CharField(max_length=12, default="update")  # update | correction | summary
    source = models.CharField(max_length=20, default="hand")  # hand | maintenance | import
    title = models.CharField(max_length=300, blank=True)
    status_word = models.CharField(max_length=30)
    body = models.TextField(blank=True)
    language = models.CharField(max_length=12, blank=True)
    at = MomentField()
    posted_by = ref(default="")
    components = JsonText(default=dict)  # component id to state
    impact = models.CharField(max_length=20, blank=True)
    next_update_at = MomentField(null=True)
    started_at = MomentField(null=True)
    scheduled_for = MomentField(null=True)
    scheduled_until = MomentField(null=True)
    corrects = ref(default="")
    retroactive = models.BooleanField(default=False)

    class Meta:
        db_table = "page_post"
        indexes = [models.Index(fields=["page", "-at"], name="page_post_newest")]


class PostWords(models.Model):
    """A post in another language. `post_id` is of a PagePost or of a message's update (PageUpdateRow)."""

    id = key(default=new_id, editable=False)
    post_id = ref(db_index=True)
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    at = MomentField()
    by = ref(default="")

    class Meta:
        db_table = "post_words"
        constraints = [models.UniqueConstraint(fields=["post_id", "language"], name="one_translation")]


class AudienceContact(models.Model):
    """Who hears the messages of an audience, one address each."""

    id = key(default=new_id, editable=False)
    audience = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField()
    data = JsonText(default=dict)
    created_at = MomentField()
    removed_at = MomentField(null=True)
    phone = models.CharField(max_length=20, default="", db_default="")
    language = models.CharField(max_length=12, default="", db_default="")
    # Each between bars ("|gold|eu|"), so that one is found whole.
    segments = models.CharField(max_length=400, default="", db_default="")
    consent_source = models.CharField(max_length=120, default="", db_default="")
    consent_at = MomentField(null=True)
    withdrawn_at = MomentField(null=True)
    withdrawn_via = models.CharField(max_length=20, default="", db_default="")

    class Meta:
        db_table = "audience_contact"
        constraints = [models.UniqueConstraint(fields=["audience", "email"], name="one_contact")]
