"""Engines that are broken on purpose, one part each. Every one must be found out: it is the tests that are tested here.

`seed` is one that finds it out, tried first; where it is None, a directed schedule of the same name must.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from quarterdeck.app import due, receive
from quarterdeck.app.alerts import alerts
from quarterdeck.app.health import alarms, nodes
from quarterdeck.app.paging import advancing, answers, callouts, claiming, deliveries, escalations
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.upkeep import dated_ahead
from quarterdeck.core.alerts.decide import decide
from quarterdeck.core.escalation.plan import plan
from quarterdeck.core.kernel.chain import link
from quarterdeck.engine import sender
from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine
from quarterdeck.store import bulk, models
from quarterdeck.store.journal_reader import JournalReader

from . import broken_answers, broken_clocks
from . import broken_parts as broken
from .breaking import Breaking, everywhere, function, part


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    what: str
    apply: Breaking
    seed: int | None = 0


MUTANTS: tuple[Mutant, ...] = (
    Mutant("send before the claim", "A page is sent on a claim that was never committed.",
           function(claiming.claim, broken.claim_rolled_back)),
    Mutant("at most once", "A page is marked as sent before it is sent.",
           part(Engine, "step_send", broken.marks_sent)),
    Mutant("no fence", "A stale worker's result counts, whoever has the page now.",
           function(deliveries.record_all, broken.any_fence), None),
    Mutant("no second look", "A claim does not look again whether the callout was answered.",
           function(claiming.claim, broken.reading(models.Callout, "state", "waiting")), 21),
    Mutant("no window", "A send may begin any time after its claim.",
           part(sender, "SEND_WINDOW_SECONDS", lambda _: float("inf")), 31),
    Mutant("window from the claim's end", "The window counts from when the claim came back, not from its question.",
           part(sender.Sender, "start", broken.window_from_the_claim), 31),
    Mutant("no attempt record", "A claim leaves no record of the attempt.",
           function(bulk.insert, broken.no_attempts)),
    Mutant("only the first contact", "The other contacts of a person are not tried.",
           part(Directory, "ways", broken.first_contact)),
    Mutant("no lease expiry", "What a lost worker had is never given back.",
           function(deliveries.release_expired, lambda _: broken.zero), 17),
    Mutant("endless lease", "A lease lasts for a year.",
           part(claiming, "LEASE", lambda _: timedelta(days=365))),
    Mutant("early lease end", "A lease is taken back while its holder sends.",
           function(deliveries.release_expired, broken.early_leases)),
    Mutant("retry without limit", "A page is tried for ever.",
           part(deliveries, "MAX_PAGE_ATTEMPTS", lambda _: 1_000_000), 6),
    Mutant("too late is sent", "A page is sent after the time until which it is wanted.",
           function(claiming.claim, broken.reading(models.Delivery, "not_after", None)), None),
    Mutant("two transactions", "The run and its timer are written after the alert has been committed.",
           function(escalations.start_runs, broken.two_transactions), 9),
    Mutant("place first", "The place in the journal moves in a transaction of its own, before the effects.",
           function(receive.expand, broken.place_first)),
    Mutant("place last", "The place in the journal moves in a transaction of its own, after the effects.",
           function(receive.expand, broken.place_last)),
    Mutant("out of order", "Bodies are expanded in the reverse of their order.",
           part(JournalReader, "next", broken.backwards), 19),
    Mutant("resolve ignored", "What is over at its source stays open.",
           function(decide, broken.resolve_ignored)),
    Mutant("wall clock", "Waits run on the wall clock.", broken_clocks.only_wall, 3),
    Mutant("frozen clock", "The clock is the highest wall time seen, and stands still after a jump back.",
           part(EngineClock, "now", lambda _: broken_clocks.frozen), 3),
    Mutant("a clock each", "Engines do not tell each other how far their clocks are.",
           part(EngineClock, "reach", lambda _: broken.nothing), 3),
    Mutant("begins anew", "A new engine begins with its wall clock, not where the one before it would be by now.",
           function(nodes.come_to, lambda _: broken.nothing), None),
    Mutant("stands still", "A new engine goes on where the last beat was, as if no time had passed since.",
           function(nodes.come_to, broken_clocks.no_counter), None),
    Mutant("dated ahead", "What a machine whose clock is ahead has dated waits until then.",
           function(dated_ahead.bring_back, lambda _: broken.zero), 3),
    Mutant("brought back to then", "What was dated ahead counts from when that was seen, however long ago.",
           function(dated_ahead.bring_back, broken_clocks.brought_back_to_then), None),
    Mutant("one time a step", "The time is asked before waiting for the transaction.",
           part(Engine, "run_step", broken_clocks.one_time_a_step), None),
    Mutant("finished first", "A timer is done before what it is for has been done.",
           part(Engine, "step_fire", broken.finished_first)),
    Mutant("next timer forgotten", "A step does not set the timer of the next one.",
           function(due.arm_each, broken.no_next_timer)),
    Mutant("two timers", "Each timer is set twice.", function(due.arm_each, broken.two_timers)),
    Mutant("a step skipped", "The second of three steps is left out.", function(plan, broken.skips_a_step), 5),
    Mutant("exhausted in silence", "A run ends without an alarm.",
           function(alarms.raise_alarm, broken.only_kinds_but("exhausted"))),
    Mutant("unreachable in silence", "Nobody is told that somebody cannot be reached.",
           function(callouts.unreachable, lambda _: broken.nothing), 1),
    Mutant("answer leaves timers", "An answer does not end the timers of its run.",
           function(due.disarm, lambda _: broken.nothing)),
    Mutant("answer leaves pages", "An answer leaves the pages in the queue.",
           broken.within(escalations.stop_paging, 'UPDATE "delivery"', "cancelled"), 1),
    Mutant("answer of the callout alone", "Answering a page does not acknowledge its alert.",
           function(alerts.acknowledge_from_callout, lambda _: broken.nothing), 2),
    Mutant("answer lost on failure", "An answer that could not be written is confirmed.",
           function(alerts.acknowledge, broken_answers.failure_is_success), 21),
    Mutant("cancelled without a reason", "Nobody can see why a page was not sent.",
           function(escalations.stop_paging, broken_answers.no_reason), 1),
    Mutant("sleeps for ever", "A snooze has no timer.", function(due.arm, broken_answers.sleeps_for_ever), 5),
    Mutant("wakes at once", "A snooze is over as soon as it begins.",
           function(due.arm, broken_answers.wakes_at_once), 5),
    Mutant("sleeps on", "What ends paging does not end the sleep.",
           broken.within(escalations.stop_paging, 'UPDATE "snooze"'), 2),
    Mutant("passed on beside", "The run of an alert goes on after it was passed to somebody else.",
           function(escalations.stop_paging, broken_answers.passes_on_beside), 5),
    Mutant("passed on and lost", "Whoever an alert is passed to is called in another transaction than the passing.",
           function(escalations.start, broken_answers.passes_on_afterwards), None),
    Mutant("answers last for ever", "An acknowledgement does not run out where the policy says that it does.",
           function(answers.limit, lambda _: broken.nothing), 2),
    Mutant("answered before it was paged", "An answer to what nobody was called for yet never runs out.",
           function(answers._never_paged, broken_answers.of_nobody), None),
    Mutant("as it began", "An alert that has grown severe is paged as it was at first.",
           function(advancing._urgency, broken_answers.as_it_began), 2),
    Mutant("rings in quiet hours", "Pages of low urgency wait for nobody's quiet hours.",
           part(Directory, "quiet", lambda _: broken.nothing), 9),
    Mutant("chain without content", "The hash of an event does not cover what it says.",
           lambda: everywhere(link, broken.hash_without_data, but=link.__module__)),
)  # fmt: skip
