"""People, their teams, and every way to reach them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from ..fields import JsonText, MomentField, key
from ..ids import new_id


class PersonManager(BaseUserManager["Person"]):
    """What django-allauth and the command line need to make and find a login."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email), **fields)
        person.handle = person.handle or email.split("@")[0].lower()[:40]
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, password, role="administrator", **fields)


class Person(AbstractBaseUser):
    """Somebody in the organisation; logs in when they have a usable password or passkey."""

    id = key(default=new_id, editable=False)
    email = models.EmailField(unique=True)
    handle = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, default="responder")
    timezone = models.CharField(max_length=60, default="UTC")
    # Whose public holidays are theirs, such as DE-BY; "" for none.
    holiday_region = models.CharField(max_length=20, default="", db_default="", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    skills = JsonText(default=list)
    is_active = models.BooleanField(default=True)
    created_at = MomentField(null=True)
    version = models.IntegerField(default=1)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = ["name"]
    objects = PersonManager()

    class Meta:
        db_table = "person"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        return self.role == "administrator"

    @property
    def is_superuser(self) -> bool:
        return False

    def get_full_name(self) -> str:
        return self.name


class Team(models.Model):
    """A group that owns services."""

    id = key(default=new_id, editable=False)
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    reserve = models.BooleanField(default=False, db_default=False)
    members = models.ManyToManyField(Person, through="Membership", related_name="teams")

    class Meta:
        db_table = "team"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    id = key(default=new_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)
    lead = models.BooleanField(default=False)

    class Meta:
        db_table = "membership"
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="one_membership")]


class ContactMethod(models.Model):
    """An address of a person on one channel."""

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    label = models.CharField(max_length=60, blank=True)
    position = models.IntegerField(default=0)
    verified_at = MomentField(null=True)
    disabled = models.BooleanField(default=False)

    class Meta:
        db_table = "contact_method"
        ordering = ["position", "id"]


class NotificationRule(models.Model):
    """Which contact is used, how long after the callout, for one urgency ("high" or "low")."""

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="rules")
    contact = models.ForeignKey(ContactMethod, models.CASCADE)
    urgency = models.CharField(max_length=10, default="high")
    delay_seconds = models.IntegerField(default=0)

    class Meta:
        db_table = "notification_rule"
        ordering = ["delay_seconds", "id"]


class ApiKey(models.Model):
    """A key for programs. Only the SHA-256 is kept (160 random bits, so a fast hash is right)."""

    id = key(default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    scopes = JsonText(default=list)
    created_at = MomentField()
    expires_at = MomentField()
    last_used_at = MomentField(null=True)
    revoked_at = MomentField(null=True)

    class Meta:
        db_table = "api_key"


class Idempotency(models.Model):
    """The answer to a request that carried an Idempotency-Key, so that a retry changes nothing."""

    id = key(default=new_id, editable=False)
    actor = models.CharField(max_length=40)
    token = models.CharField(max_length=120)
    result = models.CharField(max_length=120)
    at = MomentField()

    class Meta:
        db_table = "idempotency"
        constraints = [models.UniqueConstraint(fields=["actor", "token"], name="one_answer")]
