"""Settings → Texts and calls: how many may leave in a day and what they may cost, and what left today."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.paging import paid_sends
from quarterdeck.app.paging.paid_sends import MOST_CENTS, MOST_SENDS, Limit
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done
from quarterdeck.web.routes import route

PAGE = "/settings/paid"
_MONEY: dict[str, Any] = {
    "min_value": 0,
    "max_value": MOST_CENTS // 100,
    "decimal_places": 2,
    "required": False,
}


class LimitForm(forms.Form):
    """Empty and 0 are no limit."""

    sends = forms.IntegerField(
        min_value=0,
        max_value=MOST_SENDS,
        required=False,
        label="Texts and calls a day",
        help_text="Empty: no limit.",
    )
    money = forms.DecimalField(
        **_MONEY, label="Money a day", help_text="Empty: no limit. Reckoned by the two prices below."
    )
    text_price = forms.DecimalField(**_MONEY, label="A text costs about")
    call_price = forms.DecimalField(**_MONEY, label="A call costs about")
    currency = forms.CharField(max_length=3, min_length=3, initial="EUR", label="Currency")

    def limit(self) -> Limit:
        data = self.cleaned_data
        cents = (int((data[n] or Decimal(0)) * 100) for n in ("money", "text_price", "call_price"))
        return Limit(data["sends"] or 0, *cents, currency=data["currency"])


_FIELDS = {"sends": "sends", "cents": "money", "text_cents": "text_price", "call_cents": "call_price",
           "currency": "currency"}  # fmt: skip


def _first(found: Limit) -> dict[str, Any]:
    amounts = {"money": found.cents, "text_price": found.text_cents, "call_price": found.call_cents}
    shown = {name: Decimal(cents) / 100 if cents else None for name, cents in amounts.items()}
    return {"sends": found.sends or None, "currency": found.currency} | shown


def paid(request: HttpRequest) -> HttpResponse:
    doing, limit = act(request), paid_sends.limit()
    edits = may(doing.who, "settings.edit")
    form = LimitForm(request.POST or None, initial=_first(limit))
    if request.method == "POST" and form.is_valid():
        try:
            paid_sends.set_limit(doing, form.limit())
        except Refused as refused:
            form.add_error(next((_FIELDS[f] for f in refused.fields if f in _FIELDS), None), refused.message)
        else:
            return done(request, PAGE, "Saved. It counts for today as well.")
    use = paid_sends.used(doing.at)
    spent = use.cents(limit)
    context = {
        "tab": "health",
        "form": form if edits else None,
        "use": use,
        "spent": paid_sends.money(spent, limit) if spent else "",
        "limit": paid_sends.told(limit),
        "over": limit.is_set and paid_sends.is_over(limit, use),
    }
    return render(request, "settings/paid.html", context, status=422 if form.errors else 200)


ROUTES = [route("settings/paid", paid, name="settings-paid", permission="settings.read")]
