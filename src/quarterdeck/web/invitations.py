"""The link by which somebody who was invited chooses a password: one-time, for three days, under our own address."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest

from quarterdeck.app.act import Act
from quarterdeck.app.people import accounts
from quarterdeck.channels import email
from quarterdeck.store.models import Person

from . import once


def send(request: HttpRequest, act: Act, person: Person) -> str:
    """Invite by mail, or where no mail is set up keep the link for the next page; what was done, in words."""
    link = _link(person)
    if email.KIND in settings.QUARTERDECK_CHANNELS:
        accounts.invite(act, person.id, link)
        return f"An invitation to {person.email} is queued. Its link works once, for three days."
    accounts.invite(act, person.id)
    once.keep(request, person.id, link)
    return "No mail is set up: give them the link below yourself. It works once, for three days."


def _link(person: Person) -> str:
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    return str(get_adapter().get_reset_password_from_key_url(key))
