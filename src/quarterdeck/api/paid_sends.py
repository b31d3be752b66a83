"""What texts and calls may cost in a day, and what left today."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.paging import paid_sends as acts

from .doors import Request
from .fields import Number, Read, Text, Write
from .operations import Noun

NOUN = Noun("Engine", "/paid-sends")
Cents = Annotated[int, Number(0, acts.MOST_CENTS)]


class Limit(Read):
    """For a day of UTC; 0 is no limit. Money is in hundredths of the currency."""

    sends: int
    cents: int
    text_cents: int
    call_cents: int
    currency: str


class PaidSends(Read):
    """`held` sends could wait and went another way or failed because the limit was used up."""

    limit: Limit
    texts: int
    calls: int
    held: int
    cents: int
    used_up: bool


class LimitWrite(Write):
    sends: Annotated[int, Number(0, acts.MOST_SENDS)] = 0
    cents: Cents = 0
    text_cents: Cents = 0
    call_cents: Cents = 0
    currency: Annotated[str, Text(3, pattern=r"^[A-Za-z]{3}$")] = "EUR"


@NOUN.get("", "settings.read", PaidSends)
def get_paid_sends(request: Request) -> PaidSends:
    """The limit of a day, and what was used of it since midnight, UTC."""
    limit, use = acts.limit(), acts.used(request.act.at)
    return PaidSends(
        limit=Limit(
            sends=limit.sends, cents=limit.cents, text_cents=limit.text_cents, call_cents=limit.call_cents,
            currency=limit.currency,
        ),
        texts=use.texts, calls=use.calls, held=use.held, cents=use.cents(limit),
        used_up=limit.is_set and acts.is_over(limit, use),
    )  # fmt: skip


@NOUN.put("", "settings.edit", PaidSends)
def set_paid_limit(request: Request, body: LimitWrite) -> PaidSends:
    """Set the limit of a day. Urgent pages always go out: beyond it they are an alarm."""
    wanted = acts.Limit(body.sends, body.cents, body.text_cents, body.call_cents, body.currency)
    acts.set_limit(request.act, wanted)
    return get_paid_sends(request)
