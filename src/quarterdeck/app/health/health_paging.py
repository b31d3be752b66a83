"""Whether pages leave, and whether policies and catalogue would bring somebody: what the store itself can tell.

Reads only. A part of `health`, which also asks the processes and the machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min

from quarterdeck import catalog
from quarterdeck.channels import channels
from quarterdeck.core.escalation.plan import preview
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from ..catalog import catalogue_files, saved_files
from ..catalog.catalogue import current
from ..paging.directory import Directory, policy_from
from .health_finding import Finding, fault, ok, some, warning

DAY = timedelta(days=1)
LATE = timedelta(seconds=60)


def look(now: datetime, configured: Collection[str]) -> list[Finding]:
    """The checks, in the order to read them. `configured` are the kinds of channels this installation may send by."""
    return [*_outbox(now), *_channels(now, configured), *_unparsed(now), *_policies(now), *_catalogue()]


def _outbox(now: datetime) -> Iterator[Finding]:
    waiting = models.Delivery.objects.filter(cls="page", state="queued", next_at__lt=now)
    told = waiting.aggregate(first=Min("next_at"), n=Count("pk"))
    if told["first"] is None:
        yield ok("outbox", "No page waits to be sent.")
        return
    age = spoken(now - told["first"])
    text = f"{counted(told['n'], 'page waits', 'pages wait')} to be sent, the oldest for {age}."
    if now - told["first"] > LATE:
        yield fault("outbox", text, "The engine is down or a channel hangs: look at its log.")
    else:
        yield ok("outbox", text)


def _channels(now: datetime, configured: Collection[str]) -> Iterator[Finding]:
    """How each way out did since yesterday, and contacts that name a way that is not set up."""
    used = dict(
        models.ContactMethod.objects.filter(disabled=False)
        .order_by()
        .values_list("kind")
        .annotate(n=Count("pk"))
    )
    rows = models.Delivery.objects.filter(created_at__gt=now - DAY, state__in=("sent", "failed"))
    done = {(c, s): n for c, s, n in rows.order_by().values_list("channel", "state").annotate(n=Count("pk"))}
    for kind, module in channels().items():
        sent, failed = done.get((kind, "sent"), 0), done.get((kind, "failed"), 0)
        name = f"channel: {module.NAME}"
        if kind not in configured and used.get(kind):
            contacts = counted(used[kind], "contact names", "contacts name")
            text = f"{contacts} it and it is not set up: nobody is reached by it."
            yield fault(name, text, f"Set {module.NAME} up in quarterdeck.toml, or remove these contacts.")
        elif failed and failed >= sent:
            text = f"{failed} of {counted(failed + sent, 'delivery', 'deliveries')} since yesterday failed."
            yield fault(name, text, "Open a failed page under Alerts to read what the provider said.")
        elif failed:
            text = f"{failed} of {counted(failed + sent, 'delivery', 'deliveries')} since yesterday failed."
            yield warning(name, text, "Open a failed page under Alerts to read what the provider said.")
        elif sent:
            yield ok(name, f"{sent} sent since yesterday, none failed.")


def _unparsed(now: datetime) -> Iterator[Finding]:
    rows = models.Unparsed.objects.filter(at__gt=now - DAY)
    count = rows.count()
    if not count:
        yield ok("bodies", "Everything received since yesterday was understood.")
        return
    last = rows.order_by("-id").first()
    assert last is not None
    bodies = counted(count, "body was", "bodies were")
    text = f"{bodies} stored since yesterday and not understood. The last: {last.reason[:200]}"
    yield warning("bodies", text, "Look at the integration: its mapping or its address may be wrong.")


def _policies(now: datetime) -> Iterator[Finding]:
    """Policies that would reach nobody at all now, and those with a single step."""
    rows = list(models.EscalationPolicy.objects.all()[:200])
    if not rows:
        return
    directory = Directory(now)
    nobody, single = [], []
    policies = [(row, policy_from(row.definition)) for row in rows]
    directory.load_targets(t for _, p in policies for s in p.steps for t in s.targets)
    for row, policy in policies:
        if not any(r.pages for r in preview(policy, now, lambda target, at: directory.on_call(target))):
            nobody.append(row.name)
        elif len(policy.steps) < 2 and not policy.catch_all:
            single.append(row.name)
    if nobody:
        yield fault("policies", f"These reach nobody now: {some(nobody)}.", "Add a step that names somebody.")
    if single:
        text = f"These have nobody behind the first step: {some(single)}."
        yield warning("policies", text, "Add a second step, or somebody to call in the end.")
    if not nobody and not single:
        reach = counted(len(rows), "policy reaches", "policies reach")
        yield ok("policies", f"{reach} somebody, and somebody stands behind them.")


def _catalogue() -> Iterator[Finding]:
    wrong = catalogue_files.problem() or saved_files.problem()
    if wrong:
        yield fault("catalogue", f"The organisation's catalogue cannot be read: {wrong}", "Correct the file.")
        return
    used = current()
    try:
        found = [
            *catalog.lint(used),
            *catalog.lint_messages(used, catalogue_files.files().folder, saved_files.texts()),
        ]
    except catalog.CatalogError as error:
        yield fault(
            "catalogue", f"A text of the catalogue cannot be read: {error.message}", "Correct the file."
        )
        return
    for finding in found[:10]:
        make = fault if finding.severity == "fault" else warning
        yield make("catalogue", f"{finding.where}: {finding.text}.", finding.suggestion)
    if not found:
        types, structures = counted(len(used.types), "type"), counted(len(used.templates), "structure")
        yield ok("catalogue", f"{types} and {structures} can be used.")
