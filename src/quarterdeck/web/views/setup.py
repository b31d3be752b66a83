"""The first administrator: open only while nobody can sign in, and only with the link that `serve` printed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from quarterdeck.app.people import accounts
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.routes import PUBLIC, route
from quarterdeck.web.widgets import LongSelect

from .schedule_setup import zones


def token() -> str:
    """The word in the printed link: the same on every node, and of no use once somebody can sign in."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"quarterdeck set-up page", hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:24]).decode()


def link() -> str | None:
    """Where to set this installation up; None when that is done."""
    if accounts.somebody_can_sign_in():
        return None
    return f"{settings.QUARTERDECK_PUBLIC_URL}/setup?token={token()}"


class FirstAdministrator(forms.Form):
    """Refusals of `accounts` come back as errors of the field they name."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Your name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("You sign in with it."))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=512,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("8 characters at least; 15 or more (four unrelated words) are much better."),
    )
    timezone = forms.ChoiceField(choices=zones, widget=LongSelect, label=_("Time zone"), initial="UTC")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The one form of the set-up."""
    if accounts.somebody_can_sign_in():
        raise Http404
    given = request.POST.get("token", "") or request.GET.get("token", "")
    if not hmac.compare_digest(given.encode(), token().encode()):
        reason = _("Open this page by the link that quarterdeck serve printed when it started.")
        return render(request, "403.html", {"reason": reason}, status=403)
    if request.method != "POST":
        return render(request, "account/setup.html", {"form": FirstAdministrator(initial={"token": given})})
    form = FirstAdministrator(request.POST)
    if form.is_valid():
        answer = _create(request, form)
        if answer is not None:
            return answer
    return render(request, "account/setup.html", {"form": form}, status=422)


def _create(request: HttpRequest, form: FirstAdministrator) -> HttpResponse | None:
    values = form.cleaned_data
    try:
        person = accounts.first_administrator(
            values["email"], values["name"], values["password"], datetime.now(UTC), values["timezone"]
        )
    except Refused as refused:
        for field in refused.fields or [None]:  # type: ignore[list-item]
            form.add_error(field if field in form.fields else None, refused.message)
        return None
    answer: HttpResponse = perform_login(request, person)
    return answer


ROUTES = [route("setup", setup, name="setup", permission=PUBLIC)]
