"""People: the list, inviting, changing, switching off; and how each is reached."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.act import need_own
from quarterdeck.app.paging import proofs
from quarterdeck.app.people import accounts
from quarterdeck.app.people import people as acts
from quarterdeck.core.access import PERMISSIONS, ROLES, TABLE, may
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Flag, Id, Key, Line, Moment, Number, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("People", "/people")
ME = Noun("People", "/me")
Role = Literal[ROLES]  # type: ignore[valid-type]
ShownRole = Literal[tuple(TABLE)]  # type: ignore[valid-type]
Name = Annotated[str, Text(120, least=1)]


class Person(Read):
    """`role` is the role in the organisation, not in an incident."""

    id: str
    handle: str
    name: str
    title: str
    email: str
    phone: str
    role: ShownRole
    timezone: str
    holiday_region: str
    skills: list[str]
    is_active: bool


class Me(Person):
    """Whose key or session this is, and what their role may."""

    permissions: list[str]


class PersonWrite(Write):
    """Somebody new. They sign in once an administrator has sent them a link."""

    email: Annotated[str, Text(254, least=3)]
    name: Name
    role: Role = "responder"
    timezone: Word = "UTC"


class PersonPatch(Write):
    """Only what is named changes. One's own, or with the permission person.edit; `role` always takes it."""

    name: Name | None = None
    title: Annotated[str, Text(120)] | None = None
    phone: Annotated[str, Text(40)] | None = None
    timezone: Word | None = None
    holiday_region: Annotated[str, Text(20)] | None = None
    skills: Annotated[list[Word], Field(max_length=acts.MOST_SKILLS)] | None = None
    role: Role | None = None


class ContactMethod(Read):
    """A way to reach somebody. Not verified: tried after all that are."""

    id: str
    kind: str
    address: str
    label: str
    position: int
    verified_at: Moment | None
    disabled: bool


class ContactMethodWrite(Write):
    kind: Key
    address: Annotated[str, Text(500, least=1)]
    label: Word = ""


class ContactMethodPatch(Write):
    """Only what is named changes. Another address has to be confirmed anew."""

    address: Annotated[str, Text(500, least=1)] | None = None
    label: Word | None = None


class CodeSent(Read):
    """A code is on its way to the address; it is good until then."""

    expires_at: Moment


class CodeWrite(Write):
    code: Annotated[str, Text(20, least=1)]


class Rule(Read):
    contact: str
    urgency: str
    delay_seconds: int


class RuleWrite(Write):
    contact: Id
    urgency: Literal["high", "low"] = "high"
    delay_seconds: Annotated[int, Number(0, acts.LATEST_SECONDS)] = 0


class RulesWrite(Write):
    """All rules at once; without any, every contact is tried one minute apart."""

    rules: Annotated[list[RuleWrite], Field(max_length=acts.MOST_RULES)]


class PeopleAsked(PageAsked):
    q: Line = ""
    active: Flag | None = None


@ME.get("", LOGIN, Me)
def get_me(request: Request) -> Me:
    """Whose key or session this is."""
    mine = sorted(p for p in PERMISSIONS if may(request.act.who, p))
    return Me(**_plain(request.person), permissions=mine)


@NOUN.get("", "person.read", Page[Person])
def list_people(request: Request, asked: Query[PeopleAsked]) -> Page[Person]:
    """People by handle; `q` is looked for in name, handle and address."""
    return page(
        asked, acts.search(asked.q, asked.active), ("handle",), lambda found: [_told(r) for r in found]
    )


@NOUN.post("", "person.edit", Person)
def invite_person(request: Request, body: PersonWrite) -> Person:
    """Add somebody, with their mail address as first contact."""
    made = accounts.create(request.act, body.email, body.name, role=body.role, timezone=body.timezone)
    return _told(acts.find(made.id))


@NOUN.get("/{person}", "person.read", Person)
def get_person(request: Request, person: Id) -> Person:
    return _told(acts.find(person))


@NOUN.patch("/{person}", LOGIN, Person)
def change_person(request: Request, person: Id, body: PersonPatch) -> Person:
    """Change what is known of oneself, or of others with the permission for it."""
    return _told(acts.update(request.act, person, **body.model_dump(exclude_none=True)))


@NOUN.put("/{person}/deactivation", "person.edit", Person)
def switch_off_person(request: Request, person: Id) -> Person:
    """They can no longer sign in and are not paged; the record stays."""
    accounts.set_active(request.act, person, False)
    return _told(acts.find(person))


@NOUN.delete("/{person}/deactivation", "person.edit", Person)
def switch_on_person(request: Request, person: Id) -> Person:
    accounts.set_active(request.act, person, True)
    return _told(acts.find(person))


@NOUN.get("/{person}/contacts", LOGIN, Page[ContactMethod])
def list_contact_methods(request: Request, person: Id) -> Page[ContactMethod]:
    """One's own ways to be reached; those of others with the permission person.edit."""
    need_own(request.act, person)
    rows = models.ContactMethod.objects.filter(person=acts.find(person))
    return whole(ContactMethod.model_validate(r) for r in rows)


@NOUN.post("/{person}/contacts", LOGIN, ContactMethod)
def add_contact_method(request: Request, person: Id, body: ContactMethodWrite) -> ContactMethod:
    row = acts.add_contact(request.act, person, body.kind, body.address, body.label)
    return ContactMethod.model_validate(row)


@NOUN.patch("/{person}/contacts/{contact}", LOGIN, ContactMethod)
def change_contact_method(
    request: Request, person: Id, contact: Id, body: ContactMethodPatch
) -> ContactMethod:
    row = acts.change_contact(request.act, person, contact, address=body.address, label=body.label)
    return ContactMethod.model_validate(row)


@ME.post("/contacts/{contact}/code", LOGIN, CodeSent)
def send_contact_code(request: Request, contact: Id) -> CodeSent:
    """Send a code of six digits to one's own address, through that channel."""
    return CodeSent.model_validate(proofs.send(request.act, contact))


@ME.put("/contacts/{contact}/confirmation", LOGIN, ContactMethod)
def confirm_contact_method(request: Request, contact: Id, body: CodeWrite) -> ContactMethod:
    """Confirm one's own address with the code that came to it. Nobody does it for somebody else."""
    return ContactMethod.model_validate(proofs.confirm(request.act, contact, body.code))


@NOUN.delete("/{person}/contacts/{contact}", LOGIN)
def remove_contact_method(request: Request, person: Id, contact: Id) -> None:
    """Take a contact away, with the rules that name it."""
    acts.remove_contact(request.act, person, contact)


@NOUN.get("/{person}/rules", LOGIN, Page[Rule])
def list_rules(request: Request, person: Id) -> Page[Rule]:
    """Which contact is used when; one's own, or with the permission person.edit."""
    need_own(request.act, person)
    return _rules(acts.find(person).id)


@NOUN.put("/{person}/rules", LOGIN, Page[Rule])
def set_rules(request: Request, person: Id, body: RulesWrite) -> Page[Rule]:
    """Replace all personal rules."""
    wanted = [acts.RuleWanted(r.contact, r.urgency, r.delay_seconds) for r in body.rules]
    acts.set_rules(request.act, person, wanted)
    return _rules(person)


def _rules(person_id: str) -> Page[Rule]:
    rules = acts.rules_of(person_id)
    return whole(Rule(contact=r.contact_id, urgency=r.urgency, delay_seconds=r.delay_seconds) for r in rules)


def _told(row: models.Person) -> Person:
    return Person(**_plain(row))


def _plain(row: models.Person) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Person.model_fields}
