"""The account pages of allauth, rendered by its own views."""

from __future__ import annotations

import re

OPEN = {
    "login": "/accounts/login/",
    "login-demo": "/accounts/login/?demo=1",
    "signup-closed": "/accounts/signup/",
    "password-reset": "/accounts/password/reset/",
    "password-reset-done": "/accounts/password/reset/done/",
}
SIGNED_IN = {
    "logout": "/accounts/logout/",
    "password-change": "/accounts/password/change/",
    "email": "/accounts/email/",
    "2fa": "/accounts/2fa/",
    "2fa-totp": "/accounts/2fa/totp/activate/",
    "2fa-key": "/accounts/2fa/webauthn/add/",
}


def rendered() -> dict[str, str]:
    """Name to HTML, `account-…`."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("ana", "ana@corvane.example", "quarterdeck-demo")
    client = Client()
    found = {f"account-{name}": client.get(url).content.decode() for name, url in OPEN.items()}
    wrong = client.post("/accounts/login/", {"login": "ana@corvane.example", "password": "wrong"})
    found["account-login-wrong"] = wrong.content.decode()
    entry = {"login": "ana@corvane.example", "password": "quarterdeck-demo"}
    client.post("/accounts/login/", entry)
    found["account-reauthenticate"] = client.get("/accounts/reauthenticate/").content.decode()
    client.post("/accounts/reauthenticate/", {"password": entry["password"]})
    found |= {f"account-{name}": client.get(url).content.decode() for name, url in SIGNED_IN.items()}
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    found["account-2fa-codes"] = client.get("/accounts/2fa/recovery-codes/").content.decode()
    found["account-2fa-on"] = client.get("/accounts/2fa/").content.decode()
    other = Client()
    other.post("/accounts/login/", entry)
    found["account-2fa-ask"] = other.get("/accounts/2fa/authenticate/").content.decode()
    return {
        name: re.sub(r'action="/accounts/login/\?demo=1"', 'action="/accounts/login/"', html)
        for name, html in found.items()
    }
