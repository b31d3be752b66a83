"""What somebody typed in a hurry: one line becomes one act. `/task @ana in 10m …`; without a slash it is a note.

Only reads the line. Whoever carries it out decides whether this person may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

from quarterdeck.core.kernel.moments import duration
from quarterdeck.core.kernel.refused import Refused, bad

# Verb -> (how it is written, what it does), in the order `/help` lists them.
VERBS: dict[str, tuple[str, str]] = {
    "note": ("/note text", "write what you saw"),
    "finding": ("/finding fact | what shows it", "a fact, with what shows it"),
    "hypothesis": ("/hypothesis text", "what may be the cause"),
    "decide": ("/decide what was decided", "record a decision"),
    "task": ("/task @ana in 10m what to do", "give a task, with its time box"),
    "phase": ("/phase monitoring reason", "move to another phase"),
    "sev": ("/sev 2 reason", "set the severity"),
    "page": ("/page @ben reason", "page somebody now"),
    "kick": ("/kick @eva reason", "have somebody without a role leave the channel"),
    "fact": (
        "/fact cause: what is known",
        "keep the facts: known, effect, cause, workaround, fix, verification, next, affected",
    ),
    "follow-up": ("/follow-up text", "something for after the incident"),
    "can": ("/can condition | actions | needs", "a report in three parts"),
    "at": ("/at 14:02 text", "a note about an earlier moment, marked as back-dated"),
    "broadcast": ("/broadcast text", "tell every responder"),
    "poll": ("/poll 5m what you are going to do", "ask for strong objections; silence decides"),
    "object": ("/object what speaks against it", "object to what is asked; it stops"),
    "step": ("/step runbook | step | result", "a step of a runbook with its result"),
    "ask": ("/ask text", "ask about the task you have"),
    "severe": (
        "/severe public high open low",
        "rate the harm: visibility, impact, duration, confidence of an early fix",
    ),
    "escalate": ("/escalate reason", "the commander opens a business response"),
    "group": ("/group messaging", "page the people on call of a group of roles"),
    "stand-down": ("/stand-down reason", "the commander ends callouts and clocks"),
    "cost": ("/cost 450.00 EUR taxi", "enter money that was spent"),
    "vendor": ("/vendor Northgrid: what we wait for", "wait for a supplier, with a clock if one is known"),
    "halt": ("/halt paid_ads in 15m", "have outward activity stand still by then"),
    "halted": ("/halted paid_ads what shows it", "confirm that it stands still"),
    "resume": ("/resume paid_ads", "have it run again, once all have heard that it is over"),
    "resumed": ("/resumed paid_ads what shows it", "confirm that it runs again"),
    "area": ("/area affected what is so", "say how the area of your role does"),
    "areas": ("/areas", "ask every role how its area does"),
    "abnormal": ("/abnormal what you see", "report abnormal operations"),
    "lesson": ("/lesson keep: what was learned", "write down a lesson after the end: keep, change, surprise"),
    "lessons": ("/lessons pool", "what earlier incidents taught"),
    "knowledge": ("/knowledge pool", "articles about these words"),
    "attach": ("/attach Pool runs dry", "put the article of this name into the timeline"),
    "changes": ("/changes", "what was changed around it"),
    "handover": ("/handover @ben why", "offer your role to somebody, command first"),
    "transfer": ("/transfer 14:30", "when your open handover takes effect"),
    "structure": ("/structure ics reason", "change the response structure"),
    "first-word": ("/first-word", "send customers the agreed first word"),
    "mention": ("/mention who | where | what they said", "somebody outside spoke of it"),
    "pulse": ("/pulse 1200 4000 what changed", "customers affected now, and in the worst case"),
    "long": ("/long customers_all why", "long-incident mode for an audience"),
    "update": ("/update text", "write an update on the communication board"),
    "inquiries": ("/inquiries", "who asks about this incident and waits for an answer"),
    "inquiry": (
        "/inquiry take 3fa09b",
        "or: answer 3fa09b, from what was sent; escalate 3fa09b lead urgent why",
    ),
    "consents": ("/consents", "the texts that ask for your name"),
    "consent": ("/consent yes 3fa09b12", "your name under that text; or: no 3fa09b12 why"),
    "help": ("/help", "what can be typed here"),
}
# Other words for the same.
_ALSO = {
    "n": "note", "n.b": "note", "decision": "decide", "d": "decide", "t": "task", "todo": "task", "severity": "sev",
    "call": "page", "followup": "follow-up", "later": "follow-up", "facts": "fact", "state": "phase", "?": "help",
    "fyi": "broadcast", "back": "at", "standdown": "stand-down", "objection": "object",
}  # fmt: skip
# What needs no more than its name.
_ALONE = frozenset({"help", "changes", "first-word", "areas", "inquiries", "consents"})
FACTS = {
    "known": "what_we_know", "know": "what_we_know", "what we know": "what_we_know", "effect": "customer_effect",
    "customers": "customer_effect", "customers notice": "customer_effect", "cause": "cause",
    "workaround": "workaround", "next": "next_step", "next step": "next_step", "affected": "customers_affected",
    "customers affected": "customers_affected", "fix": "fix", "verification": "verification",
}  # fmt: skip
ENTRY_KINDS = {
    "note": "note",
    "follow-up": "followup",
    "broadcast": "broadcast",
    "abnormal": "abnormal",
}
_COMMAND = re.compile(r"^/([A-Za-z?][\w.?-]*)(?:\s+(.*))?$", re.DOTALL)
_TASK = re.compile(
    r"^@(\S{1,80})\s+(?:in\s+)?(\d{1,4})\s*(d|h|m|min|minutes?|hours?)?\s*[:,]?\s+(.+)$",
    re.DOTALL | re.IGNORECASE,
)
_POLL = re.compile(
    r"^(?:in\s+)?(\d{1,4})\s*(h|m|min|minutes?|hours?)?\s*[:,]?\s+(.+)$", re.DOTALL | re.IGNORECASE
)
_HALT = re.compile(r"^([A-Za-z]\w{0,63})\s+(?:in\s+)?(\d{1,4})\s*(h|m|min|minutes?|hours?)?$", re.IGNORECASE)
_WHO = re.compile(r"^@?(\S{1,80})(?:\s+(.*))?$", re.DOTALL)
_FACT = re.compile(r"^([^:\n]{1,40}):\s*(.*)$", re.DOTALL)
_COST = re.compile(r"^([\d.,']{1,20})\s*([A-Z]{3})?\s+(\S.*)$", re.DOTALL)
_LESSON = re.compile(r"^(keep|change|surprise)\s*[:,]\s*(\S.*)$", re.DOTALL | re.IGNORECASE)
_TIME = re.compile(r"^(?:at\s+)?(\d{1,2})[:.](\d\d)$", re.IGNORECASE)
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d\d)\s*[:,]?\s+(.+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """One act. `who` is a handle without its @ (an amount for a cost, a supplier's name for a vendor); `key` the phase,
    the field of a fact, or a currency.
    """

    verb: str
    text: str = ""
    who: str = ""
    key: str = ""
    number: int = 0
    clock: tuple[int, int] | None = None


def read(line: str) -> Typed:
    """What a line asks for. Refuses a command that does not exist with the nearest that does, and one that is not
    written as it must be with how to write it.
    """
    line = line.strip()
    if not line:
        raise _wrong("text.missing", "Write something first.")
    found = _COMMAND.match(line)
    if found is None:
        return Typed("note", line)
    word, rest = found[1].lower(), (found[2] or "").strip()
    verb = _ALSO.get(word, word)
    if verb not in VERBS:
        raise _unknown(word)
    if verb in _ALONE:
        return Typed(verb)
    if not rest:
        raise _form(verb)
    return _SHAPES.get(verb, _plain)(verb, rest)


def _plain(verb: str, rest: str) -> Typed:
    return Typed(verb, rest)


def _task(verb: str, rest: str) -> Typed:
    found = _TASK.match(rest)
    if found is None:
        raise _form(verb)
    unit = (found[3] or "m")[0].lower()
    minutes = int(duration(f"{found[2]}{unit}").total_seconds() // 60)
    return Typed(verb, found[4].strip(), who=found[1].lstrip("@"), number=minutes)


def _poll(verb: str, rest: str) -> Typed:
    found = _POLL.match(rest)
    if found is None:
        raise _form(verb)
    unit = (found[2] or "m")[0].lower()
    minutes = int(duration(f"{found[1]}{unit}").total_seconds() // 60)
    return Typed(verb, found[3].strip(), number=minutes)


def _phase(verb: str, rest: str) -> Typed:
    key, _, reason = rest.partition(" ")
    return Typed(verb, reason.strip(), key=key.lower().rstrip(":,"))


def _severity(verb: str, rest: str) -> Typed:
    found = re.match(r"^(?:sev|p)?-?(\d)[:,]?(?:\s+(.*))?$", rest, re.IGNORECASE | re.DOTALL)
    if found is None:
        raise _form(verb)
    return Typed(verb, (found[2] or "").strip(), number=int(found[1]))


def _page(verb: str, rest: str) -> Typed:
    found = _WHO.match(rest)
    if found is None:
        raise _form(verb)
    return Typed(verb, (found[2] or "").strip(), who=found[1].lstrip("@"))


def _fact(verb: str, rest: str) -> Typed:
    found = _FACT.match(rest)
    if found is None:
        raise _form(verb)
    said = " ".join(found[1].lower().replace("_", " ").split())
    if said not in FACTS and said.replace(" ", "_") not in FACTS.values():
        near = get_close_matches(said, FACTS, n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise _wrong(
            "fact.unknown",
            f"There is no fact “{said}”.{hint} There are: known, effect, cause, workaround, fix, verification, next, "
            "affected.",
        )
    return Typed(verb, found[2].strip(), key=FACTS.get(said, said.replace(" ", "_")))


def _at(verb: str, rest: str) -> Typed:
    found = _CLOCK.match(rest)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise _form(verb)
    return Typed(verb, found[3].strip(), clock=(int(found[1]), int(found[2])))


def _cost(verb: str, rest: str) -> Typed:
    found = _COST.match(rest)
    if found is None:
        raise _form(verb)
    return Typed(verb, found[3].strip(), who=found[1], key=found[2] or "")


def _vendor(verb: str, rest: str) -> Typed:
    name, colon, what = rest.partition(":")
    if not colon or not name.strip() or not what.strip():
        raise _form(verb)
    return Typed(verb, what.strip(), who=name.strip())


def _lesson(verb: str, rest: str) -> Typed:
    found = _LESSON.match(rest)
    return Typed(verb, (found[2] if found else rest).strip(), key=found[1].lower() if found else "change")


def _transfer(verb: str, rest: str) -> Typed:
    found = _TIME.match(rest)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise _form(verb)
    return Typed(verb, clock=(int(found[1]), int(found[2])))


def _halt(verb: str, rest: str) -> Typed:
    found = _HALT.match(rest)
    if found is None:
        raise _form(verb)
    unit = (found[3] or "m")[0].lower()
    return Typed(verb, key=found[1].lower(), number=int(duration(f"{found[2]}{unit}").total_seconds() // 60))


_SHAPES = {
    "halt": _halt,
    "halted": _phase,
    "resume": _phase,
    "resumed": _phase,
    "area": _phase,
    "lesson": _lesson,
    "handover": _page,
    "transfer": _transfer,
    "structure": _phase,
    "cost": _cost,
    "vendor": _vendor,
    "poll": _poll,
    "task": _task,
    "phase": _phase,
    "sev": _severity,
    "page": _page,
    "kick": _page,
    "fact": _fact,
    "at": _at,
}


def moment(clock: tuple[int, int], now: datetime) -> datetime:
    """The last time a clock in the zone of `now` showed this: today, or yesterday when that is still to come."""
    at = now.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)


def is_verb(word: str) -> bool:
    """Whether a word begins a command."""
    return word in VERBS or word in _ALSO


def help_lines() -> list[str]:
    """What can be typed, one line a command."""
    width = max(len(form) for form, _ in VERBS.values())
    return [f"{form:{width}}  {what}" for form, what in VERBS.values()]


def _unknown(word: str) -> Refused:
    near = get_close_matches(word, [*VERBS, *_ALSO], n=1, cutoff=0.5)
    hint = f" Did you mean /{_ALSO.get(near[0], near[0])}?" if near else ""
    return _wrong(
        "command.unknown",
        f"There is no command /{word[:40]}.{hint} /help lists them; to write it as it is, begin with /note.",
    )


def _form(verb: str) -> Refused:
    return _wrong("command.form", f"Write it as: {VERBS[verb][0]}")


def _wrong(code: str, message: str) -> Refused:
    return bad(code, message, text=message)
