"""What an hour on call and a callout are worth here, for administrators."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.oncall import pay
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall.pay import KINDS, MOST_CENTS, MOST_PERCENT, PayRules, Rate
from quarterdeck.web.acting import act, done
from quarterdeck.web.routes import route

PAGE = "/on-call/pay"
_TITLES = {
    "weekday": "On a weekday",
    "night": "At night, 22:00 to 06:00",
    "weekend": "On a weekend",
    "holiday": "On a public holiday",
}
_HOW = [("share", "counts by share"), ("amount", "is paid by the hour")]


class PayForm(forms.Form):
    """A line for each kind of hour: how it counts, the share, the amount."""

    callout = forms.DecimalField(
        min_value=0, max_value=MOST_CENTS // 100, decimal_places=2, label="For each callout", initial=0
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$", label="Currency", initial="EUR", help_text="Three letters, such as EUR.",
        error_messages={"invalid": "Give the currency by its three letters, such as EUR."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            self.fields[f"{kind}_how"] = forms.ChoiceField(choices=_HOW, label="How")
            self.fields[f"{kind}_percent"] = forms.IntegerField(
                min_value=0, max_value=MOST_PERCENT, required=False, label="Share in percent"
            )
            self.fields[f"{kind}_amount"] = forms.DecimalField(
                min_value=0,
                max_value=MOST_CENTS // 100,
                decimal_places=2,
                required=False,
                label="Amount per hour",
            )
        for name in (f"{kind}_{part}" for kind in KINDS for part in ("how", "percent", "amount")):
            self.fields[name].widget.attrs["class"] = "input"

    def kinds(self) -> list[tuple[str, list[Any]]]:
        return [(_TITLES[k], [self[f"{k}_{part}"] for part in ("how", "percent", "amount")]) for k in KINDS]

    def rules(self) -> PayRules:
        data = self.cleaned_data
        rates = {
            kind: Rate(
                data[f"{kind}_how"],
                100 if data[f"{kind}_percent"] is None else data[f"{kind}_percent"],
                _cents(data[f"{kind}_amount"]),
            )
            for kind in KINDS
        }
        return PayRules(**rates, callout_cents=_cents(data["callout"]), currency=data["currency"].upper())


def _cents(amount: Decimal | None) -> int:
    return int((amount or Decimal(0)) * 100)


def _first(rules: PayRules) -> dict[str, Any]:
    found: dict[str, Any] = {"callout": Decimal(rules.callout_cents) / 100, "currency": rules.currency}
    for kind in KINDS:
        rate: Rate = getattr(rules, kind)
        found |= {
            f"{kind}_how": rate.kind,
            f"{kind}_percent": rate.percent,
            f"{kind}_amount": Decimal(rate.cents) / 100,
        }
    return found


def rules(request: HttpRequest) -> HttpResponse:
    form = PayForm(request.POST or None, initial=_first(pay.rules()))
    if request.method == "POST" and form.is_valid():
        try:
            pay.set_rules(act(request), form.rules())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return done(request, PAGE, "Saved. Every table of hours is reckoned by these from now on.")
    context = {"tab": "fairness", "form": form}
    return render(request, "oncall/pay.html", context, status=422 if form.errors else 200)


ROUTES = [route("on-call/pay", rules, name="on-call-pay", permission="settings.edit")]
