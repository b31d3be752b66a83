"""A small organisation to tell stories about: people, services, policies, a clock of its own, and fake phones.

Everything goes through the product's own functions and a real database; only the clock and the last step of a send
(`Outbox`) are ours. Names are handles: `world.person("ana")` makes the person that `world.pages("ana")` asks about.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from quarterdeck.app import due, receive, timers
from quarterdeck.app.act import Act, act_of
from quarterdeck.app.paging import claiming, deliveries
from quarterdeck.app.paging.directory import Directory, layer_data, policy_data
from quarterdeck.app.people import keys
from quarterdeck.channels.outcome import Outcome, Outgoing, Sent
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.oncall import Layer, Turn
from quarterdeck.intake import dialects
from quarterdeck.store import database_clock, models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal import PostgresSink, Received, SqliteSink

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


class Outbox:
    """What left the building. `answer` may be replaced to make a channel fail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Outgoing]] = []
        self.answer: Callable[[str, Outgoing], Outcome] = lambda kind, outgoing: Sent("fake")

    def send(self, kind: str, outgoing: Outgoing) -> Outcome:
        outcome = self.answer(kind, outgoing)
        if isinstance(outcome, Sent):
            self.sent.append((kind, outgoing))
        return outcome


class World:
    def __init__(self) -> None:
        database_clock.told_by_caller()
        self.now = START
        self.outbox = Outbox()
        self.node = "engine@test"

    # -- people and configuration

    def person(
        self, handle: str, role: str = "responder", *, contacts: tuple[str, ...] = ("email",), **fields: str
    ) -> models.Person:
        person = models.Person.objects.create_user(
            f"{handle}@example.com", fields.pop("password", None), handle=handle, name=fields.pop("name", handle.title()),
            role=role, created_at=self.now, **fields,
        )  # fmt: skip
        for position, kind in enumerate(contacts):
            address = f"{handle}@example.com" if kind == "email" else f"{handle}-{kind}"
            contact = models.ContactMethod.objects.create(
                id=new_id(),
                person=person,
                kind=kind,
                address=address,
                position=position,
                verified_at=self.now,
            )
            for urgency in ("high", "low"):
                models.NotificationRule.objects.create(
                    id=new_id(), person=person, contact=contact, urgency=urgency, delay_seconds=60 * position
                )
        return person

    def act(self, handle: str, via: str = "web") -> Act:
        person = self.find(handle)
        return act_of(person.id, person.role, self.now, via)

    def find(self, handle: str) -> models.Person:
        return models.Person.objects.get(handle=handle)

    def schedule(self, key: str, *handles: str, days: int = 7) -> models.Schedule:
        row = models.Schedule.objects.create(id=new_id(), key=key, name=key.replace("-", " ").title())
        layer = Layer(
            id="", name="Primary", people=tuple(self.find(h).id for h in handles), turn=Turn("days", days),
            handover_time=time(9), handover_weekday=None, starts_at=START, ends_at=None, zone="UTC",
        )  # fmt: skip
        models.Layer.objects.create(id=new_id(), schedule=row, name="Primary", definition=layer_data(layer))
        return row

    def policy(
        self, key: str, *steps: tuple[str, int], repeats: int = 0, catch_all: tuple[str, ...] = ()
    ) -> models.EscalationPolicy:
        """Steps are (handle or schedule key, minutes)."""
        policy = Policy(
            key=key, name=key.title(), repeats=repeats,
            steps=tuple(Step((self.target(name),), timedelta(minutes=minutes)) for name, minutes in steps),
            catch_all=tuple(self.target(name) for name in catch_all),
        )  # fmt: skip
        return models.EscalationPolicy.objects.create(
            id=new_id(), key=key, name=policy.name, definition=policy_data(policy)
        )

    def target(self, name: str) -> Target:
        schedule = models.Schedule.objects.filter(key=name).first()
        return Target("schedule", schedule.id) if schedule else Target("person", self.find(name).id)

    def service(self, key: str, policy: models.EscalationPolicy | None = None) -> models.Service:
        return models.Service.objects.create(id=new_id(), key=key, name=key.title(), policy=policy)

    def integration(
        self,
        kind: str = "any",
        service: models.Service | None = None,
        mapping: dict[str, object] | None = None,
    ) -> models.Integration:
        if not models.Person.objects.filter(handle="root").exists():
            self.person("root", "administrator")
        row, self.key = keys.create_integration(
            self.act("root"), f"From {kind}", kind, service=service, mapping=mapping
        )
        return row

    # -- alerts come in

    def journal(self, dialect: str, body: bytes, integration: models.Integration) -> None:
        """As the edge does it: into the journal, durable, and nothing else."""
        sink = journal_sink()
        sink.open()
        sink.commit([Received(micros(self.now), integration.id, dialect, new_id(), body)])
        sink.close()

    def expand(self) -> int:
        from quarterdeck.store.journal_reader import JournalReader

        reader = JournalReader()
        try:
            return receive.expand(reader, dialects(), self.now)
        finally:
            reader.close()

    # -- time passes

    def settle(self) -> None:
        """Everything that is due now, until nothing is."""
        for _ in range(200):
            fired = self._fire()
            claims = claiming.claim(self.now, self.node)
            for claim in claims:
                deliveries.record(claim, self.outbox.send(claim.channel, claim.outgoing), self.node, self.now)
            if not fired and not claims:
                return
        raise AssertionError("the engine never comes to rest")

    def _fire(self) -> int:
        with tx.write():
            rows = due.take(self.now, 50)
            directory = Directory(self.now)
            for row in rows:
                timers.fire(row, directory)
                due.finish(row, self.now)
        return len(rows)

    def pass_time(self, **span: float) -> None:
        """Let time pass, stopping at every instant something is due."""
        end = self.now + timedelta(**span)
        self.settle()
        while True:
            moments = [m for m in (due.next_due(), claiming.next_send()) if m is not None and m <= end]
            if not moments:
                break
            self.now = max(self.now, min(moments))
            self.settle()
        self.now = end
        self.settle()

    # -- what happened

    def pages(self, handle: str) -> list[str]:
        """Texts of the pages and heads-ups that reached a person, in order."""
        addresses = set(
            models.ContactMethod.objects.filter(person__handle=handle).values_list("address", flat=True)
        )
        return [o.text for _, o in self.outbox.sent if o.to in addresses and o.kind == "page"]


def journal_sink() -> SqliteSink | PostgresSink:
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        from psycopg.conninfo import make_conninfo

        s = connection.settings_dict
        return PostgresSink(
            make_conninfo(
                host=s["HOST"] or s["OPTIONS"].get("host"),
                port=s["PORT"] or None,
                user=s["USER"],
                password=s["PASSWORD"] or None,
                dbname=s["NAME"],
            )
        )
    return SqliteSink(settings.QUARTERDECK_JOURNAL)
