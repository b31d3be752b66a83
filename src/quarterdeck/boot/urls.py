"""Every Django route: the pages of `web.views`, the REST interface, and what is taken over from
django-allauth.

A module of `web.views` lists its own in `ROUTES`; a route of a library that is not named here does not exist.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec

from allauth.account import urls as account
from allauth.account.views import password_reset_from_key
from allauth.mfa import urls as second_factors
from django.urls import URLPattern, URLResolver, re_path

from quarterdeck.web import views
from quarterdeck.web.routes import LOGIN, PER_OPERATION, PUBLIC, adopted, below, declared

ACCOUNT = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,  # says that sign-up is closed; the sign-in page links to its name
    "account_reauthenticate": LOGIN,
    "account_change_password": LOGIN,
    "account_set_password": LOGIN,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
}
SECOND_FACTORS = {
    "mfa_index": LOGIN,
    "mfa_authenticate": PUBLIC,  # between the password and the second factor nobody is signed in yet
    "mfa_reauthenticate": LOGIN,
    "mfa_login_webauthn": PUBLIC,
    "mfa_reauthenticate_webauthn": LOGIN,
    "mfa_activate_totp": LOGIN,
    "mfa_deactivate_totp": LOGIN,
    "mfa_view_recovery_codes": LOGIN,
    "mfa_generate_recovery_codes": LOGIN,
    "mfa_download_recovery_codes": LOGIN,
    "mfa_list_webauthn": LOGIN,
    "mfa_add_webauthn": LOGIN,
    "mfa_edit_webauthn": LOGIN,
    "mfa_remove_webauthn": LOGIN,
}


def _pages() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for module in sorted(pkgutil.iter_modules(views.__path__), key=lambda m: m.name):
        found += getattr(importlib.import_module(f"{views.__name__}.{module.name}"), "ROUTES", [])
    return found


handler404, handler500 = "quarterdeck.web.reader_faults.not_found", "quarterdeck.web.reader_faults.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    *_pages(),
    below("accounts/", adopted(account.urlpatterns, ACCOUNT)),
    # The library's own pattern ends a person's id at its first "-".
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+(?:-[0-9a-f]+){0,4})-(?P<key>.+)/$",
        declared(password_reset_from_key, PUBLIC),
        name="account_reset_password_from_key",
    ),
    below("accounts/2fa/", adopted(second_factors.urlpatterns, SECOND_FACTORS)),
]

if find_spec("quarterdeck.api.urls") is not None:
    urlpatterns += adopted(
        importlib.import_module("quarterdeck.api.urls").ROUTES, {}, otherwise=PER_OPERATION
    )
