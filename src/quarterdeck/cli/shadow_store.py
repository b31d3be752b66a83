"""What runs inside the shadow of a self-test: making its people, waiting until it is quiet, and judging what it did.

Each function is called in a process of its own and prints JSON. It reads and writes nothing but the shadow's store.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quarterdeck.boot.wiring import set_up

DOMAIN = "selftest.example"
CREW = 12
PUSH_AFTER_SECONDS = 60
# What one attempt may leave unclear, and no more attempts than this (I4).
MOST_ATTEMPTS = 4


def furnish() -> None:
    """A crew, each for a service of their own, reached by mail and then by push; and the key that alerts come in by."""
    set_up()
    from quarterdeck.app.act import act_of
    from quarterdeck.app.incidents import services
    from quarterdeck.app.paging import policies
    from quarterdeck.app.people import accounts, keys, people
    from quarterdeck.core.escalation.policy import Policy, Step, Target

    now = datetime.now(UTC)
    root = accounts.operator(now)
    key = ""
    for n in range(CREW):
        name = f"crew-{n}"
        person = accounts.create(root, f"{name}@{DOMAIN}", name, role="administrator")
        act = act_of(person.id, "administrator", now, "cli")
        push = people.add_contact(act, person.id, "ntfy", name)
        later = people.RuleWanted(push.id, "high", PUSH_AFTER_SECONDS)
        people.set_rules(act, person.id, [*people.rules_of(person.id), later])
        step = Step((Target("person", person.id),), timedelta(minutes=30))
        policies.create(act, Policy(key=name, name=name, steps=(step,)))
        services.create(act, name, name, policy=name)
        key = key or keys.create_integration(act, "Self-test", "any")[1]
    print(json.dumps({"key": key}))


def wait_until_quiet(seconds: str) -> None:
    """Until no body is unread, no timer overdue and nothing is to be sent; what is still under way after so long."""
    set_up()
    from quarterdeck.store import models
    from quarterdeck.store.journal_reader import JournalReader

    end = time.monotonic() + float(seconds)
    while True:
        now = datetime.now(UTC)
        reader = JournalReader()
        busy = {"bodies": reader.lag()[0]}
        reader.close()
        late = models.Due.objects.filter(state="waiting", due_at__lt=now - timedelta(seconds=2))
        pages = models.Delivery.objects.exclude(callout_id="").exclude(channel="loopback")
        busy["timers"] = late.count()
        # Push is for a minute later, when the mail has long been there.
        busy["mails"] = pages.filter(state="queued", attempts__gt=0).count()
        busy["mails"] += pages.filter(state="queued", channel="email").count()
        busy["sending"] = pages.filter(state="sending").count()
        busy = {what: n for what, n in busy.items() if n}
        if not busy or time.monotonic() > end:
            print(json.dumps(busy))
            return
        time.sleep(0.5)


def judge(accepted: str) -> None:
    """What is wrong, and figures. `accepted` is a file with the names of the alerts that were answered 2xx."""
    set_up()
    from quarterdeck.app.health import audit
    from quarterdeck.store import models

    names = set(json.loads(Path(accepted).read_text(encoding="utf-8")))
    alerts = {a.labels.get("alertname", ""): a.id for a in models.Alert.objects.all()}
    paged = set(models.Delivery.objects.filter(state="sent").values_list("alert_id", flat=True))
    said = set(models.AlertEntry.objects.filter(kind="unreachable").values_list("alert_id", flat=True))
    stored = names & set(alerts)
    wrong = [
        f"the alert {name} was answered with success and is not stored" for name in sorted(names - stored)
    ]
    wrong += [
        f"the alert {name} was neither paged nor says why"
        for name in sorted(stored)
        if alerts[name] not in paged | said
    ]
    wrong += _too_many_attempts()
    now = datetime.now(UTC)
    wrong += [f"the auditor finds: {f.text} ({f.invariant})" for f in audit.ask_all(now).found]
    figures = {
        "stored": len(stored),
        "paged": sum(alerts[name] in paged for name in stored),
        "attempts": models.Attempt.objects.filter(phase="started").count(),
    }
    print(json.dumps({"wrong": wrong, "mails": _most_mails(), "pushes": _most_pushes(), "figures": figures}))


def _attempts() -> dict[str, list[tuple[int, str, str]]]:
    from quarterdeck.store import models

    found: dict[str, list[tuple[int, str, str]]] = {}
    rows = models.Attempt.objects.order_by("id").values_list("delivery_id", "fence", "phase", "outcome")
    for delivery, fence, phase, outcome in rows:
        found.setdefault(delivery, []).append((fence, phase, outcome))
    return found


def _too_many_attempts() -> list[str]:
    wrong = []
    for delivery, rows in _attempts().items():
        begun = sum(phase == "started" for _, phase, _ in rows)
        if begun > MOST_ATTEMPTS:
            wrong.append(f"the delivery {delivery} was tried {begun} times")
    return wrong


def _most(rows: list[tuple[int, str, str]]) -> int:
    """How many copies may have gone out: those accepted, and those of which nobody knows how they ended."""
    ended = {fence: outcome for fence, phase, outcome in rows if phase == "ended"}
    unclear = sum(phase == "started" and ended.get(f, "ambiguous") == "ambiguous" for f, phase, _ in rows)
    return unclear + sum(outcome == "accepted" for outcome in ended.values())


def _most_mails() -> dict[str, int]:
    """By Message-ID."""
    from quarterdeck.channels.mail_message import message_id
    from quarterdeck.store import models

    attempts = _attempts()
    rows = models.Delivery.objects.filter(channel="email").values_list("id", "key")
    return {message_id(key, DOMAIN): _most(attempts.get(id_, [])) for id_, key in rows}


def _most_pushes() -> dict[str, int]:
    """By topic: pages that went out as one are counted as if each had gone alone."""
    from quarterdeck.store import models

    attempts = _attempts()
    found: Counter[str] = Counter()
    for id_, topic in models.Delivery.objects.filter(channel="ntfy").values_list("id", "address"):
        found[topic] += _most(attempts.get(id_, []))
    return found
