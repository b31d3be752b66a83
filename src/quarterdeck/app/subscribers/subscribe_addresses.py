"""What somebody gave to be reached at, checked for its kind: what is kept open, what is sealed, what is shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from quarterdeck.channels import read_settings, slack, teams, web_push, webhook
from quarterdeck.channels.phone_numbers import e164
from quarterdeck.channels.safe_http import SafeClient, parse_target
from quarterdeck.core.comms import contact_rows
from quarterdeck.core.comms.subscribing import KINDS, SEALED
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line

from ..comms import audiences
from ..paging import push_devices

SMS = ("sms_twilio", "sms_gateway")
_CHANNELS = {"email": "email", "webhook": "webhook", "slack": "slack", "teams": "teams", "push": "web_push"}
_ALWAYS = frozenset({"email", "slack", "teams"})
LONGEST = 2_000
# The push services of the browsers: another host would be sent to without having asked for it.
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "notify.windows.com",
    "push.apple.com",
)


@dataclass(frozen=True, slots=True)
class Reached:
    """`address` finds it again and tells no stranger more than a mail address or a number does."""

    kind: str
    address: str
    target: str
    shown: str


def channel_of(kind: str) -> str:
    """The channel this kind goes out by; "" where this installation has none."""
    channels = settings.QUARTERDECK_CHANNELS
    if kind == "sms":
        return next((name for name in SMS if name in channels), "")
    name = _CHANNELS.get(kind, "")
    # Incoming webhooks of other people's workspaces need no set-up of our own; mails wait for theirs, as to contacts.
    return name if name in channels or name in _ALWAYS else ""


def kinds() -> list[str]:
    """What may be chosen on the form."""
    found = [k for k in KINDS if channel_of(k) and (k != "push" or push_devices.public_key())]
    return [k for k in found if k != "email" or "email" in settings.QUARTERDECK_CHANNELS]


def check(kind: str, given: str) -> Reached:
    """Raises Refused (bad), with the field `address`."""
    if kind not in KINDS or kind == "push" or not channel_of(kind):
        text = "Messages cannot be sent this way here. Choose another."
        raise bad("subscriber.kind", text, kind=text)
    try:
        return _checked(kind, given)
    except Refused as refused:
        raise bad(refused.code, refused.message, address=refused.message) from None


def _checked(kind: str, given: str) -> Reached:
    if len(given) > LONGEST:
        raise bad("subscriber.address", "This is longer than any address. Check it.")
    if kind == "email":
        return _mail(given)
    if kind == "sms":
        number = e164(line(given, 60))
        return Reached(kind, number, "", number)
    text = given.strip()
    http = SafeClient(allow=settings.QUARTERDECK_SUBSCRIBER_TARGETS)
    values: Mapping[str, Any] = settings.QUARTERDECK_CHANNELS.get(kind, {})
    if kind == "slack":
        slack.check_hook(text, read_settings("slack", values))
    elif kind == "teams":
        teams.check_hook(text, read_settings("teams", values))
    else:
        text = webhook.check_address(text)
    host = http.check(text).host
    url = str(parse_target(text).url)
    return Reached(kind, sealed_name(url), json.dumps({"url": url}), f"{host} …{url[-4:]}"[:320])


def _mail(given: str) -> Reached:
    fault = contact_rows.read([given], {"email": 0})
    if isinstance(fault, contact_rows.Fault):
        raise bad("subscriber.address", fault.text)
    address = audiences.plain_address(given)
    return Reached("email", address, "", address)


def browser(offered: push_devices.Offered) -> Reached:
    """What a browser gave so that it can be pushed to. Raises Refused."""
    http = SafeClient(allow=settings.QUARTERDECK_SUBSCRIBER_TARGETS)
    web_push.check_subscription(offered.endpoint, offered.p256dh, offered.auth, http)
    target = parse_target(offered.endpoint)
    known = any(target.host == s or target.host.endswith(f".{s}") for s in PUSH_SERVICES)
    if not known and f"{target.host}:{target.port}" not in settings.QUARTERDECK_SUBSCRIBER_TARGETS:
        raise bad(
            "subscriber.push", "This browser uses a push service that is not known here. Choose another way."
        )
    if not offered.public_key or offered.public_key != push_devices.public_key():
        raise bad(
            "subscriber.key", "The key has changed since this page was opened. Reload it and press again."
        )
    told = {
        "endpoint": offered.endpoint, "p256dh": offered.p256dh, "auth": offered.auth,
        "public_key": offered.public_key,
    }  # fmt: skip
    shown = line(offered.browser, 100) or "Browser"
    return Reached("push", sealed_name(offered.endpoint), json.dumps(told), shown)


def sealed_name(of: str) -> str:
    """By what a sealed address is found again."""
    return SEALED + hashlib.sha256(of.encode("utf-8", "replace")).hexdigest()
